import CLibgit2

/// What the index of a worktree holds, in values.
struct IndexContents {
    struct Entry {
        var path: BytePath
        /// As in a tree: `100644`, `100755`, `120000` or `160000`.
        var mode: UInt32
        /// 0, or 1 to 3 for the sides of a conflict.
        var stage: Int32
        var id: ObjectID
    }

    private(set) var entries: [Entry] = []
    /// The sides of conflicts that were resolved, which Git can bring back.
    private(set) var resolvedSides: [ObjectID] = []
    /// Every path in the index, at any stage.
    private(set) var paths: Set<BytePath> = []

    /// The file cannot be read: `paths` are those of HEAD, and what only it names is not known.
    private(set) var isDamaged = false

    /// Reads the index of `worktree`, also one that libgit2 cannot read; a missing one is empty.
    init(of worktree: Worktree) throws(GitError) {
        let path = worktree.adminPath + "/index"
        var opened: OpaquePointer?
        if git_index_open(&opened, path) < 0 {
            git_error_clear()
            opened = try gitPointer("make an index") { git_index_new(&$0) }
            defer { git_index_free(opened) }
            let repository = try worktree.open()
            guard let opened else { return }
            do throws(GitError) {
                try StoredIndex(path: path).fill(opened, repository)
                read(opened)
            } catch {
                isDamaged = true
                guard let commit = try repository.head().commit else { return }
                let tree = try repository.tree(of: commit)
                defer { git_tree_free(tree) }
                try git("read the tree of HEAD") { git_index_read_tree(opened, tree) }
                read(opened)
                (entries, resolvedSides) = ([], [])
            }
            return
        }
        defer { git_index_free(opened) }
        if let opened { read(opened) }
    }

    private mutating func read(_ index: OpaquePointer) {
        for position in 0..<git_index_entrycount(index) {
            guard let entry = git_index_get_byindex(index, position), let name = entry.pointee.path else { continue }
            let path = BytePath(Self.bytes(name))
            paths.insert(path)
            entries.append(
                Entry(
                    path: path, mode: entry.pointee.mode, stage: git_index_entry_stage(entry),
                    id: ObjectID(entry.pointee.id)))
        }
        for position in 0..<git_index_reuc_entrycount(index) {
            guard let entry = git_index_reuc_get_byindex(index, position) else { continue }
            let (modes, ids) = (entry.pointee.mode, entry.pointee.oid)
            for (mode, id) in [(modes.0, ids.0), (modes.1, ids.1), (modes.2, ids.2)] where mode != 0 {
                resolvedSides.append(ObjectID(id))
            }
        }
    }

    private static func bytes(_ name: UnsafePointer<CChar>) -> [UInt8] {
        var bytes: [UInt8] = []
        var next = name
        while next.pointee != 0 {
            bytes.append(UInt8(bitPattern: next.pointee))
            next += 1
        }
        return bytes
    }
}
