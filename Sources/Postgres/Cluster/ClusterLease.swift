/// Says that this process uses the cluster: its keeper stops nothing while a lease lives.
final class ClusterLease: Sendable {
    private let lock: FileLock

    /// Takes a share of the clients' lock, waiting while a keeper is stopping the cluster.
    init(_ layout: ClusterLayout) async throws(ClusterError) {
        lock = try await FileLock.acquire(layout.clientsLock, .shared)
        lock.touch()
    }
}
