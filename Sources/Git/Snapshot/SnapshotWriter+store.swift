import CLibgit2

extension SnapshotWriter {
    /// Stores the content of every entry and puts it into the tree.
    func store(_ entries: [SnapshotEntry], beneath root: DirectoryHandle) throws(GitError) -> [SnapshotEntry] {
        let cursor = DirectoryCursor(root: root)
        var groups: [Int: ObjectID] = [:]
        var stored = entries
        for position in stored.indices {
            var entry = stored[position]
            guard entry.class != .unsaved, entry.kind == .file || entry.kind == .symlink else { continue }
            if let known = groups[entry.linkGroup] {
                entry.blob = known
            } else {
                try enter(entry.path.parent, with: cursor)
                entry.blob = try content(of: &entry, in: cursor.current)
            }
            if let blob = entry.blob {
                if entry.linkGroup > 0 { groups[entry.linkGroup] = blob }
                insert(entry, blob)
                saved.files += 1
                saved.bytes += entry.size
            }
            stored[position] = entry
        }
        return stored
    }

    /// The stash is shared by all worktrees of a hub, and its older entries live in its log alone.
    func storeCommon() throws(GitError) -> [SnapshotEntry] {
        let cursor = DirectoryCursor(root: try DirectoryHandle.open(request.worktree.hub.path))
        let path = BytePath("logs/refs/stash")
        do throws(GitError) {
            try cursor.seek(path.parent.components)
        } catch  where error.code == .notFound {
            return []
        }
        guard let facts = try cursor.current.facts(of: path.name), facts.kind == .file else { return [] }
        return try store(
            [SnapshotEntry(area: .common, class: .odd, path: path, facts: facts)],
            beneath: DirectoryHandle.open(request.worktree.hub.path))
    }

    private func enter(_ folder: BytePath, with cursor: DirectoryCursor) throws(GitError) {
        do throws(GitError) {
            try cursor.seek(folder.components)
        } catch {
            throw GitError(code: .modified, operation: "save '\(folder)'", message: error.message)
        }
    }

    /// Stores one content; nil when it cannot be read, which the entry then says.
    private func content(of entry: inout SnapshotEntry, in directory: DirectoryHandle) throws(GitError) -> ObjectID? {
        let changed = GitError(code: .modified, operation: "save '\(entry.path)'", message: "it changed meanwhile")
        let file: OpenFile
        do throws(GitError) {
            guard entry.kind == .file else { return try objects.add(directory.linkTarget(entry.path.name)) }
            file = try OpenFile(entry.path.name, in: directory)
        } catch  where error.code == .generic && error.klass == 0 {
            if entry.class != .ignored { losses.insert(entry.path) }
            entry.class = .unsaved
            entry.reason = error.message
            return nil
        } catch  where error.code == .notFound {
            throw changed
        }
        guard file.facts.size == entry.size else { throw changed }
        if namesObjects(entry) { candidates.formUnion(SnapshotTips.ids(in: try file.bytes())) }
        return try objects.add(file)
    }

    /// Whether a file of Git's is text in which object ids matter; submodules' own folders name other repositories'.
    private func namesObjects(_ entry: SnapshotEntry) -> Bool {
        guard entry.area != .worktree, entry.size < 64 << 20 else { return false }
        let first = entry.path.components.first ?? []
        return first != Array("modules".utf8) && !first.starts(with: Array("index".utf8))
            && !first.starts(with: Array("sharedindex".utf8))
    }

    /// Gives a stored content its place in the tree.
    private func insert(_ entry: SnapshotEntry, _ blob: ObjectID) {
        let mode = entry.kind == .symlink ? "120000" : entry.permissions & 0o100 != 0 ? "100755" : "100644"
        guard TreeName.isPlain(entry.path) else {
            oddCount += 1
            // A name of our own: a link's target must not be taken for a link by whoever reads the tree.
            root("odd").insert(String(oddCount), id: blob)
            return
        }
        let folder =
            switch entry.area {
            case .worktree: entry.class == .ignored ? "ignored" : "worktree"
            case .gitdir: "gitdir"
            case .common: "common"
            }
        root(folder).insert(entry.path.components, mode: mode, id: blob)
    }

    func root(_ name: String) -> TreeNode {
        if let node = roots[name] { return node }
        let node = TreeNode()
        roots[name] = node
        return node
    }
}
