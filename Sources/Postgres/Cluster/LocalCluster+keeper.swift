import Foundation
import Glibc
import Subprocess

extension LocalCluster {
    /// Stops the server once nobody has used it for `idleStop`, then returns; a throwaway cluster is destroyed as well.
    ///
    /// This is all that the keeper command does. It returns at once when another keeper is at work, and when the
    /// server ends by other hands.
    package func keepUntilIdle() async throws {
        guard let idleStop else { return }
        let layout = ClusterLayout(directory: directory)
        guard let keeperLock = try FileLock.attempt(layout.keeperLock, .exclusive) else { return }
        let watch = ProcessWatch()
        let interval = min(max(idleStop / 20, .milliseconds(20)), .seconds(15))
        var lastSeen = Date()
        while let server = PostmasterFile(layout.postmasterFile), server.isRunning(in: layout.data) {
            if await watch.waitForEnd(of: server.pid, limit: interval) { break }
            try Task.checkCancellation()
            ClusterLog(layout.log).trim()
            guard let clients = try FileLock.attempt(layout.clientsLock, .exclusive) else {
                lastSeen = Date()
                continue
            }
            lastSeen = max(lastSeen, clients.touched)
            // A clock that was set back must not keep the server up for years.
            lastSeen = min(lastSeen, Date())
            if Date().timeIntervalSince(lastSeen) >= idleStop / .seconds(1) {
                if try await isInUse(layout) {
                    lastSeen = Date()
                    continue
                }
                try await stopForGood(layout)
                break
            }
            _ = consume clients
        }
        _ = consume keeperLock
    }

    /// Starts a keeper unless one is at work; it may have been killed while the server ran on.
    func ensureKeeper(_ layout: ClusterLayout) async throws(ClusterError) {
        guard let keeper, idleStop != nil, try FileLock.attempt(layout.keeperLock, .exclusive) != nil else { return }
        _ = try await DetachedProcess.start(keeper, as: nil, environment: environment, log: layout.log + ".keeper")
    }

    /// Programs that know nothing of leases, psql for instance, count as well.
    private func isInUse(_ layout: ClusterLayout) async throws -> Bool {
        guard let server = PostmasterFile(layout.postmasterFile), let folder = FolderStatus(layout.data),
            let owner = OSUser.withID(folder.owner)
        else { return false }
        let client = PostgresClient(
            Self.target(socketDirectory: server.socketDirectory, owner: owner, lease: nil),
            applicationName: "runner keeper")
        defer { Task { await client.close() } }
        let rows = try await client.query(
            """
            select exists (
                select from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
            ) as "inUse"
            """)
        return try rows.first?.decode("inUse") ?? false
    }

    /// The caller holds the clients' lock, so arrivals wait and then start the server anew.
    private func stopForGood(_ layout: ClusterLayout) async throws(ClusterError) {
        var lock = try FileLock.attempt(layout.lock, .exclusive)
        while lock == nil {
            // Whoever holds the lock may be stopping the server, and then waits for this keeper to end.
            guard let server = PostmasterFile(layout.postmasterFile), server.isRunning(in: layout.data) else { return }
            try await ClusterPause.wait(.milliseconds(5))
            lock = try FileLock.attempt(layout.lock, .exclusive)
        }
        try await terminate(layout)
        if durability == .throwaway {
            try ClusterFiles.remove(layout.base)
            try ClusterFiles.remove(directory)
        }
        _ = consume lock
    }
}
