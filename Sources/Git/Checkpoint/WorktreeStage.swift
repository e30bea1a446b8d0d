import CLibgit2
import CPlatform
import Glibc

/// The exact state of a worktree as an index in memory, ready to become a tree.
struct WorktreeStage: ~Copyable {
    let index: WorktreeIndex
    /// Paths whose content, mode or presence differs from the index on disk, unsorted.
    private(set) var changed: [BytePath] = []
    private(set) var skipped: [SkippedPath] = []
    /// The tree of the index as it is on disk, and what was changed in it since; nil where it has no tree.
    private var base: ObjectID?
    private var updates: [TreeUpdate] = []

    /// Scans the worktree and takes every difference into the index in memory.
    ///
    /// With `stores` false nothing is written to the object store, and the index stays as it is on disk.
    static func make(
        _ repository: borrowing GitRepository, path: String, stores: Bool = true, sizeLimit: Int
    ) throws(GitError) -> WorktreeStage {
        var stage = WorktreeStage(index: try WorktreeIndex(repository, root: path))
        try stage.takeAll(repository, path: path, stores: stores, sizeLimit: sizeLimit)
        return stage
    }

    private init(index: consuming WorktreeIndex) {
        self.index = index
    }

    private mutating func takeAll(
        _ repository: borrowing GitRepository, path: String, stores: Bool, sizeLimit: Int
    ) throws(GitError) {
        let scan = try WorktreeScan.run(repository, index: index, path: path)
        skipped = scan.skipped
        let root = runner_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard root >= 0 else { throw .system("open the worktree '\(path)'", errno: errno) }
        defer { close(root) }
        // Known to the index as a rule. One in conflict has none.
        if stores { base = try? index.writeTree(repository) }
        for path in scan.removed {
            changed.append(BytePath(path))
            if stores { remove(path) }
        }
        for submodule in scan.moved {
            changed.append(BytePath(submodule.path))
            if stores { add(submodule.path, submodule.status, GIT_FILEMODE_COMMIT.rawValue, submodule.id) }
        }
        let content = FileContent(
            repository: repository.pointer, root: root, stores: stores, sizeLimit: sizeLimit,
            largeFiles: Hub(path: repository.commonDirectory).largeFiles)
        for candidate in scan.candidates { try take(candidate, content) }
    }

    private mutating func take(_ candidate: WorktreeScan.Candidate, _ content: FileContent) throws(GitError) {
        switch try content.blob(candidate.path, candidate.status) {
        case .blob(let id):
            let mode = IndexStat.mode(candidate.status)
            if candidate.recorded.map({ $0.id != id || $0.mode != mode }) ?? true {
                changed.append(BytePath(candidate.path))
            }
            if content.stores { add(candidate.path, candidate.status, mode, id) }
        case .gone:
            guard candidate.recorded != nil else { return }
            changed.append(BytePath(candidate.path))
            if content.stores { remove(candidate.path) }
        case .skipped(let reason):
            skipped.append(SkippedPath(path: BytePath(candidate.path), reason: reason))
        }
    }

    private mutating func add(_ path: [UInt8], _ status: stat, _ mode: UInt32, _ id: ObjectID) {
        var entry = IndexStat.entry(status, mode: mode, id: id.oid)
        let result = withCName(path) { name in
            entry.path = name
            return git_index_add(index.pointer, &entry)
        }
        guard result < 0 else { return updates.append(TreeUpdate(path: path, entry: (mode, id))) }
        git_error_clear()
        skipped.append(SkippedPath(path: BytePath(path), reason: .unsafeName))
    }

    /// Removes every stage of a path.
    private mutating func remove(_ path: [UInt8]) {
        withCName(path) { name in
            for stage in Int32(0)...3 { git_index_remove(index.pointer, name, stage) }
        }
        git_error_clear()
        updates.append(TreeUpdate(path: path, entry: nil))
    }

    /// Writes the tree of all that was taken in.
    ///
    /// Only the trees above changed paths are made: libgit2's way through the index reads every tree of the repository.
    func writeTree(_ repository: borrowing GitRepository) throws(GitError) -> ObjectID {
        if let base, let tree = try? TreeUpdate.apply(updates, to: base, in: repository) { return tree }
        return try index.writeTree(repository)
    }
}
