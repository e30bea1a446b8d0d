import CLibgit2
import CPlatform
import Glibc

/// How the worktrees of a hub are to have the files that Git LFS keeps beside the repository.
extension Hub {
    enum LargeFileUse: String {
        /// Checkouts write contents, commits get pointers.
        case filled
        /// Checkouts write pointers. There may be worktrees with contents, so commits get pointers as before.
        case pointers
    }

    private var marker: String { path + "/runner.lfs" }

    /// Nil in a hub that was never told: then files are taken as they are.
    var largeFileUse: LargeFileUse? {
        Directory.read(marker).flatMap { LargeFileUse(rawValue: String(decoding: $0, as: UTF8.self)) }
    }

    /// Where the contents are, in a hub that ever had some.
    package var largeFiles: LargeFileStore? { largeFileUse.map { _ in largeFileStore } }

    /// The same, where checkouts take them from there.
    var filledLargeFiles: LargeFileStore? { largeFileUse == .filled ? largeFileStore : nil }

    /// Where the contents of this hub's files are or will be, as Git LFS expects it.
    package var largeFileStore: LargeFileStore { LargeFileStore(folder: path + "/lfs") }

    /// Says whether checkouts from now on write contents; costs one look where it is so already.
    package func fillLargeFiles(_ isWanted: Bool) throws(GitError) {
        let use = largeFileUse
        let wanted: LargeFileUse? = isWanted ? .filled : use == nil ? nil : .pointers
        guard let wanted, use != wanted else { return }
        try Directory.write(Array(wanted.rawValue.utf8), to: marker)
        _ = try resetConfiguration()
    }

    /// The files of a commit that its attributes give to Git LFS and that are pointers, in index order; none that
    /// `sparse` leaves out.
    package func largeFiles(in commit: ObjectID, sparse: SparsePatterns? = nil) throws(GitError) -> [LargeFile] {
        // One of its own: it gets an index that holds nothing but attributes.
        let repository = try open()
        let plan = try CheckoutPlan(repository, commit: commit, sparse: sparse)
        let hasOwn = access(path + "/info/attributes", F_OK) == 0
        guard hasOwn || plan.folders.contains(where: \.hasAttributes) else { return [] }
        let attributes = try CheckoutAttributes(repository, plan: plan)
        var blobs = try BlobReader(repository)
        var files: [LargeFile] = []
        for entry in plan.entries where entry.isRegular && (hasOwn || plan.folders[entry.folder].hasAttributes) {
            let conversion = try plan.withPath(at: entry.path) { path in
                Result { () throws(GitError) in try attributes.conversion(path) }
            }.get()
            guard conversion.isLarge else { continue }
            let pointer = try blobs.read(entry.id) { (content) throws(GitError) in LargeFilePointer(content) }
            if let pointer { files.append(LargeFile(path: BytePath(plan.pathBytes(entry)), pointer: pointer)) }
        }
        return files
    }

    /// What the commits of `tip` need that no branch of the origin has.
    package func newLargeFiles(of tip: ObjectID) throws(GitError) -> Set<LargeFilePointer> {
        let repository = try open()
        let known = try repository.references(matching: "refs/remotes/origin/*").map(\.id)
        var pointers: Set<LargeFilePointer> = []
        for commit in try repository.log(from: tip, hiding: known) {
            pointers.formUnion(try largeFiles(in: commit.id).map(\.pointer))
        }
        return pointers
    }
}
