import Glibc

/// Where everything of one cluster lies.
///
/// `base` is the folder itself, except under root when the server's user cannot reach it: then the data lies below
/// `/var/lib/runner-postgres`, and the folder holds a file `location` that names the place. Locks lie where the data
/// is, so that a copied folder does not get locks of its own.
struct ClusterLayout: Sendable {
    let directory: String
    let base: String

    var data: String { base + "/data" }
    /// Held while the cluster is made, started or stopped.
    var lock: String { base + "/lock" }
    /// Shared by every process that uses the cluster; its modification time is the last arrival.
    var clientsLock: String { base + "/clients.lock" }
    /// Held by the keeper for its whole life.
    var keeperLock: String { base + "/keeper.lock" }
    /// Held by the server's processes, all of them, for their whole life.
    var serverLock: String { base + "/server.lock" }
    var log: String { base + "/log" }
    var hostRules: String { base + "/pg_hba.conf" }
    var identities: String { base + "/pg_ident.conf" }
    var postmasterFile: String { data + "/postmaster.pid" }

    private static let sharedPlace = "/var/lib/runner-postgres"

    /// The layout as recorded; nothing is made.
    init(directory: String) {
        self.directory = directory
        let recorded = ClusterFiles.read(directory + "/location")?.split(separator: "\n").first
        base = recorded.map { String($0) } ?? directory
    }

    private init(directory: String, base: String) {
        self.directory = directory
        self.base = base
    }

    /// Makes the folders, and decides for good where the data lies.
    func prepared(for owner: OSUser) throws(ClusterError) -> ClusterLayout {
        let isRoot = geteuid() == 0
        try ClusterFiles.makeFolder(directory, mode: isRoot ? 0o711 : 0o700)
        let real = ClusterFiles.resolved(directory)
        guard base == directory else {
            try ClusterFiles.makeFolder(base, mode: 0o711)
            chmod(base, 0o711)
            return self
        }
        let isReachable = FilePathText.ancestors(real).allSatisfy {
            FolderStatus($0)?.isTraversable(by: owner) ?? false
        }
        // Data that is already here stays here: elsewhere it would seem lost.
        guard isRoot, !isReachable, !ClusterFiles.exists(data) else {
            return ClusterLayout(directory: real, base: real)
        }
        let place = Self.sharedPlace + "/" + FilePathText.shortHash(real)
        try ClusterFiles.makeFolder(Self.sharedPlace, mode: 0o755)
        try ClusterFiles.makeFolder(place, mode: 0o711)
        // A release before this one made them as the umask had them.
        chmod(Self.sharedPlace, 0o755)
        chmod(place, 0o711)
        try ClusterFiles.write(place + "\n", to: directory + "/location")
        return ClusterLayout(directory: real, base: place)
    }
}
