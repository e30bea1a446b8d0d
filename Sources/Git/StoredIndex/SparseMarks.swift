import CLibgit2
import CPlatform
import Glibc

/// Says which files are absent from a worktree on purpose (a sparse checkout), for an index that is made anew.
///
/// Without its marks every absent file would be a deletion, and the next commit would delete the rest of the repository.
struct SparseMarks {
    /// What the index that is replaced says of its paths.
    private var known: [BytePath: Bool] = [:]
    /// Folders that it leaves out whole.
    private var leftOut: [BytePath] = []
    private let folders: SparsePatterns?
    /// A step's own `git sparse-checkout`; its patterns are not read, so that every absent file counts.
    private let isStepsOwn: Bool

    /// For the worktree with the administrative folder `folder`; `old` is the index that is replaced.
    init(folder: String, old: StoredIndex?) {
        for entry in old?.entries ?? [] {
            if entry.isFolder { leftOut.append(BytePath(entry.path.dropLast())) }
            known[BytePath(entry.path)] = entry.isSkipped
        }
        folders = SparsePatterns.recorded(in: folder)
        isStepsOwn = access(folder + "/info/sparse-checkout", F_OK) == 0
    }

    /// Marks those of `index` that the directory `root` has not got.
    func apply(to index: OpaquePointer, root: String) throws(GitError) {
        guard folders != nil || isStepsOwn || !leftOut.isEmpty || known.values.contains(true) else { return }
        for position in 0..<git_index_entrycount(index) {
            guard let found = git_index_get_byindex(index, position), let name = found.pointee.path,
                git_index_entry_stage(found) == 0
            else { continue }
            let path = Array(UnsafeRawBufferPointer(start: name, count: strlen(name)))
            guard leavesOut(path), Self.isAbsent(path, below: root) else { continue }
            var entry = found.pointee
            entry.flags_extended |= UInt16(GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue)
            try git("mark what is left out") {
                withCName(path) { path in
                    entry.path = path
                    return git_index_add(index, &entry)
                }
            }
        }
    }

    private func leavesOut(_ path: [UInt8]) -> Bool {
        if let known = known[BytePath(path)] { return known }
        if isStepsOwn || leftOut.contains(where: { BytePath(path).isWithin($0) }) { return true }
        return folders.map { !$0.includes(path) } ?? false
    }

    private static func isAbsent(_ path: [UInt8], below root: String) -> Bool {
        var status = stat()
        let result = withCName(Array(root.utf8) + [BytePath.slash] + path) { lstat($0, &status) }
        return result != 0 && (errno == ENOENT || errno == ENOTDIR)
    }
}
