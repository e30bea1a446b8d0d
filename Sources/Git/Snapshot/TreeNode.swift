import CLibgit2

/// A folder of a Git tree in the making.
final class TreeNode {
    private enum Child {
        case folder(TreeNode)
        case leaf(mode: String, id: ObjectID)
    }

    private var children: [[UInt8]: Child] = [:]

    var isEmpty: Bool { children.isEmpty }

    func insert(_ components: some Collection<[UInt8]>, mode: String, id: ObjectID) {
        guard let name = components.first else { return }
        let rest = components.dropFirst()
        guard !rest.isEmpty else {
            children[name] = .leaf(mode: mode, id: id)
            return
        }
        if case .folder(let folder) = children[name] {
            folder.insert(rest, mode: mode, id: id)
        } else {
            let folder = TreeNode()
            children[name] = .folder(folder)
            folder.insert(rest, mode: mode, id: id)
        }
    }

    func insert(_ name: String, folder: TreeNode) {
        if !folder.isEmpty { children[Array(name.utf8)] = .folder(folder) }
    }

    func insert(_ name: String, mode: String = "100644", id: ObjectID) {
        children[Array(name.utf8)] = .leaf(mode: mode, id: id)
    }

    /// Writes this folder and all beneath it.
    func write(to objects: ObjectSink) throws(GitError) -> ObjectID {
        // Git sorts folders as if their names ended in a slash.
        var rows: [(key: [UInt8], name: [UInt8], mode: String, id: ObjectID)] = []
        for (name, child) in children {
            switch child {
            case .folder(let folder): rows.append((name + [0x2F], name, "40000", try folder.write(to: objects)))
            case .leaf("40000", let id): rows.append((name + [0x2F], name, "40000", id))
            case .leaf(let mode, let id): rows.append((name, name, mode, id))
            }
        }
        rows.sort { $0.key.lexicographicallyPrecedes($1.key) }
        var bytes: [UInt8] = []
        for row in rows {
            bytes += Array(row.mode.utf8) + [0x20] + row.name + [0]
            withUnsafeBytes(of: row.id.oid.id) { bytes.append(contentsOf: $0) }
        }
        return try objects.add(bytes, as: GIT_OBJECT_TREE)
    }
}
