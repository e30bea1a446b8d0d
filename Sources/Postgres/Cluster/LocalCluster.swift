import Foundation

/// A private PostgreSQL server in a folder, made and started on demand and reached over a Unix socket only.
///
/// Any number of processes may call any of its functions at once. The database `runner` belongs to the role `runner`,
/// which this user and root have by peer authentication.
package struct LocalCluster: Sendable {
    package let directory: String
    let durability: ClusterDurability
    let idleStop: Duration?
    let keeper: [String]?
    let environment: [String: String]

    /// Touches nothing yet.
    ///
    /// A started server is stopped after `idleStop` without clients by a detached process that runs `keeper`; that
    /// command must call `keepUntilIdle()` on an equal value. Without a keeper the server runs until `stop()`.
    package init(
        directory: String, durability: ClusterDurability = .durable, idleStop: Duration? = .seconds(600),
        keeper: [String]? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.directory = directory
        self.durability = durability
        self.idleStop = idleStop
        self.keeper = keeper
        self.environment = environment
    }

    /// Makes and starts the server where needed; well under a millisecond when it runs already.
    ///
    /// The server stays up as long as the returned target, or a client made with it, exists in this process. After a
    /// crash it recovers first, which is waited for up to a minute.
    package func ensureRunning() async throws(ClusterError) -> ConnectionTarget {
        let recorded = ClusterLayout(directory: directory)
        if let server = PostmasterFile(recorded.postmasterFile), server.isRunning(in: recorded.data) {
            let lease = try await ClusterLease(recorded)
            // Only now can no keeper stop it any more.
            if let target = try readyTarget(recorded, lease: lease) {
                try await ensureKeeper(recorded)
                return target
            }
        }
        return try await start(recorded)
    }

    /// Whether its server's process runs; starts nothing.
    package var isRunning: Bool {
        let layout = ClusterLayout(directory: directory)
        return PostmasterFile(layout.postmasterFile)?.isRunning(in: layout.data) == true
    }

    /// The way to a server that accepts connections; `nil` when it must be started or mended.
    func readyTarget(_ layout: ClusterLayout, lease: ClusterLease) throws(ClusterError) -> ConnectionTarget? {
        guard let server = PostmasterFile(layout.postmasterFile), server.isReady, server.isRunning(in: layout.data),
            server.hasSocket, let folder = FolderStatus(layout.data)
        else { return nil }
        guard let owner = OSUser.withID(folder.owner) else { return nil }
        return Self.target(socketDirectory: server.socketDirectory, owner: owner, lease: lease)
    }

    /// Says everything, so that no `PG…` variable can lead elsewhere; `requirepeer` refuses a foreign socket.
    static func target(socketDirectory: String, owner: OSUser, lease: ClusterLease?) -> ConnectionTarget {
        ConnectionTarget(
            parameters: [
                "host": socketDirectory, "hostaddr": "", "port": "5432", "user": "runner", "dbname": "runner",
                "password": "", "requirepeer": owner.name, "sslmode": "disable", "gssencmode": "disable",
                "channel_binding": "disable", "target_session_attrs": "any",
            ], lease: lease)
    }
}
