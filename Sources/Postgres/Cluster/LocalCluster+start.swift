import Glibc

extension LocalCluster {
    /// The slow way: under the lock, whatever state a crash, a clean-up or another process has left.
    func start(_ recorded: ClusterLayout) async throws(ClusterError) -> ConnectionTarget {
        let owner = try await ClusterOwner.resolve(data: recorded.data)
        let layout = try recorded.prepared(for: owner)
        let lease = try await ClusterLease(layout)
        let lock = try await FileLock.acquire(layout.lock, .exclusive)
        try await settle(layout)
        if let target = try readyTarget(layout, lease: lease) {
            try await ensureKeeper(layout)
            _ = consume lock
            return target
        }
        let binaries = try await ClusterBinaries.find(major: Self.major(layout), environment: environment)
        if !ClusterFiles.exists(layout.data) { try await create(layout, owner: owner, binaries: binaries) }
        try await launch(layout, owner: owner, binaries: binaries)
        guard let target = try readyTarget(layout, lease: lease) else {
            throw ClusterError(
                code: .startFailed, operation: "start the database", message: "it stopped right after its start",
                hint: "see \"\(layout.log)\"")
        }
        try await ensureKeeper(layout)
        _ = consume lock
        return target
    }

    /// The major version that the data records; `nil` before there is any.
    static func major(_ layout: ClusterLayout) -> Int? {
        ClusterFiles.read(layout.data + "/PG_VERSION").flatMap { Int($0.filter(\.isNumber)) }
    }

    /// Waits for a server that is starting or stopping, and stops one that lost its socket.
    private func settle(_ layout: ClusterLayout) async throws(ClusterError) {
        let deadline = ContinuousClock.now + .seconds(60)
        while let server = PostmasterFile(layout.postmasterFile), server.isRunning(in: layout.data) {
            if server.isReady {
                if !server.hasSocket { try await terminate(layout) }
                return
            }
            guard ContinuousClock.now < deadline else { throw Self.notReady(layout) }
            try await ClusterPause.wait(.milliseconds(5))
        }
    }

    private func launch(
        _ layout: ClusterLayout, owner: OSUser, binaries: ClusterBinaries
    ) async throws(ClusterError) {
        try ClusterFiles.write(ClusterSettings.hostRules, to: layout.hostRules)
        try ClusterFiles.write(ClusterSettings.identities(owner: owner), to: layout.identities)
        let socketDirectory = try SocketDirectory.make(
            layout, owner: owner, runtime: environment["XDG_RUNTIME_DIR"])
        let arguments =
            [binaries.postgres]
            + ClusterSettings.arguments(layout, socketDirectory: socketDirectory, durability: durability)
        let log = ClusterLog(layout.log)
        log.trim()
        let deadline = ContinuousClock.now + .seconds(15)
        let serverLock = try await serverLock(layout, until: deadline)
        while true {
            let start = log.size
            let pid = try await DetachedProcess.start(
                arguments, as: owner, environment: serverEnvironment(layout), log: layout.log,
                input: serverLock.descriptor)
            if try await becomesReady(pid, layout) { return }
            let complaint = log.complaint(from: start)
            // After a SIGKILL the old server's children need a moment to notice and to let the shared memory go.
            guard complaint.contains("is still in use"), ContinuousClock.now < deadline else {
                throw Self.startError(complaint, layout)
            }
            try await ClusterPause.wait(.milliseconds(50))
        }
    }

    /// The lock that the server inherits, as its standard input, with all its processes.
    ///
    /// PostgreSQL looks for another server on its data by process number and System V shared memory. From a container
    /// or another namespace neither is seen, and two servers at once would ruin the data; a file lock is.
    private func serverLock(
        _ layout: ClusterLayout, until deadline: ContinuousClock.Instant
    ) async throws(ClusterError) -> FileLock {
        while true {
            if let lock = try FileLock.attempt(layout.serverLock, .exclusive) { return lock }
            // After a SIGKILL the old server's children need a moment to end, but none of them accepts connections.
            let lives = PostmasterFile(layout.postmasterFile).map { UnixSocket.accepts($0.socketPath) } ?? false
            guard !lives, ContinuousClock.now < deadline else {
                throw ClusterError(
                    code: .startFailed, operation: "start the database",
                    message:
                        "a server that cannot be seen from here works on \"\(layout.data)\", as in another container",
                    hint: "stop it there with runner db stop, or set RUNNER_HOME to a folder of this place's own")
            }
            try await ClusterPause.wait(.milliseconds(50))
        }
    }

    /// A stale `postmaster.pid` may name a process number that belongs to someone else by now, in a container most
    /// likely. It is never deleted, since it also guards the shared memory; the server itself skips the check of one
    /// number, which `pg_ctl` uses for its own parent.
    private func serverEnvironment(_ layout: ClusterLayout) -> [String: String] {
        var environment = ClusterSettings.environment
        if let stale = PostmasterFile(layout.postmasterFile), !stale.isRunning(in: layout.data) {
            environment["PG_GRANDPARENT_PID"] = String(stale.pid)
        }
        return environment
    }

    /// False when the process ended before it was ready.
    private func becomesReady(_ pid: pid_t, _ layout: ClusterLayout) async throws(ClusterError) -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if let server = PostmasterFile(layout.postmasterFile), server.pid == pid, server.isReady { return true }
            guard ProcessState.isAlive(pid) else { return false }
            try await ClusterPause.wait(.milliseconds(2))
        }
        throw Self.notReady(layout)
    }

    private static func notReady(_ layout: ClusterLayout) -> ClusterError {
        ClusterError(
            code: .timedOut, operation: "start the database", message: "it was not ready within a minute",
            hint: "see \"\(layout.log)\"")
    }

    private static func startError(_ complaint: String, _ layout: ClusterLayout) -> ClusterError {
        if complaint.contains("No space left on device") || complaint.contains("Disk quota exceeded") {
            return .diskFull("start the database", message: complaint)
        }
        return ClusterError(
            code: .startFailed, operation: "start the database",
            message: complaint.isEmpty ? "the server ended without a word" : complaint, hint: "see \"\(layout.log)\"")
    }
}
