import Glibc

extension LocalCluster {
    /// Ends the server, its clients' connections and its keeper; nothing happens when it does not run.
    package func stop() async throws(ClusterError) {
        let layout = ClusterLayout(directory: directory)
        guard ClusterFiles.exists(layout.data) else { return }
        let lock = try await FileLock.acquire(layout.lock, .exclusive)
        try await terminate(layout)
        try await waitForKeeper(layout)
        _ = consume lock
    }

    /// Stops the server and removes its data, the folder included.
    package func destroy() async throws(ClusterError) {
        let layout = ClusterLayout(directory: directory)
        guard ClusterFiles.exists(layout.base) else { return try ClusterFiles.remove(directory) }
        let lock = try await FileLock.acquire(layout.lock, .exclusive)
        let socketDirectory = PostmasterFile(layout.postmasterFile)?.socketDirectory
        try await terminate(layout)
        try await waitForKeeper(layout)
        if let socketDirectory, socketDirectory.contains("/runner-") { rmdir(socketDirectory) }
        // The data goes first: without it, what is left is no cluster.
        try ClusterFiles.remove(layout.data)
        try ClusterFiles.remove(layout.base)
        try ClusterFiles.remove(directory)
        _ = consume lock
    }

    /// What is known without starting anything.
    package func status() throws(ClusterError) -> ClusterStatus {
        let layout = ClusterLayout(directory: directory)
        guard let folder = FolderStatus(layout.data) else {
            return ClusterStatus(
                state: .notCreated, pid: nil, version: nil, dataDirectory: layout.data, socketDirectory: nil,
                sizeBytes: 0)
        }
        guard geteuid() == 0 || folder.owner == geteuid() else {
            throw ClusterError.system("look at the database", path: layout.data, errno: EACCES)
        }
        let server = PostmasterFile(layout.postmasterFile).flatMap { $0.isRunning(in: layout.data) ? $0 : nil }
        return ClusterStatus(
            state: server == nil ? .stopped : .running, pid: server?.pid,
            version: Self.major(layout).map { String($0) }, dataDirectory: layout.data,
            socketDirectory: server?.socketDirectory, sizeBytes: ClusterFiles.size(layout.data))
    }

    /// Fast shutdown first, which rolls back and closes clean; the caller holds the lock.
    func terminate(_ layout: ClusterLayout) async throws(ClusterError) {
        let watch = ProcessWatch()
        // Fast, then immediate: what is left after the second one recovers at the next start.
        for (signal, limit) in [(SIGINT, Duration.seconds(30)), (SIGQUIT, .seconds(10))] {
            guard let server = PostmasterFile(layout.postmasterFile), server.isRunning(in: layout.data) else { return }
            guard kill(server.pid, signal) == 0 || errno == ESRCH else {
                throw ClusterError(
                    code: .stopFailed, operation: "stop the database",
                    message: "process \(server.pid) belongs to another user", hint: "run as that user or as root")
            }
            if await watch.waitForEnd(of: server.pid, limit: limit) { return }
        }
        guard let server = PostmasterFile(layout.postmasterFile), server.isRunning(in: layout.data) else { return }
        throw ClusterError(
            code: .stopFailed, operation: "stop the database", message: "process \(server.pid) does not end",
            hint: "end it by hand")
    }

    /// The keeper ends by itself when the server does.
    private func waitForKeeper(_ layout: ClusterLayout) async throws(ClusterError) {
        let deadline = ContinuousClock.now + .seconds(5)
        while try FileLock.attempt(layout.keeperLock, .exclusive) == nil, ContinuousClock.now < deadline {
            try await ClusterPause.wait(.milliseconds(2))
        }
    }
}
