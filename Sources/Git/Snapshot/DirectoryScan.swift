/// Lists a whole tree by bytes: every entry without following a link, each directory before what it holds.
///
/// The root itself comes first, with an empty path. A directory that cannot be read, or on which another file system
/// is mounted, is one entry with its problem named. What the machine lacks (`.shortage`) ends the scan: it must not
/// look like a directory that nobody can read.
enum DirectoryScan {
    static func entries(beneath root: DirectoryHandle) throws(GitError) -> [ScannedEntry] {
        var entries = [ScannedEntry(path: BytePath([]), facts: try root.currentFacts())]
        entries[0].notice = ExtendedAttributes.notice(of: root.descriptor)
        let cursor = DirectoryCursor(root: root)
        var pending: [[[UInt8]]] = [try root.names().reversed()]
        var path = BytePath([])
        while !pending.isEmpty {
            guard let name = pending[pending.count - 1].popLast() else {
                pending.removeLast()
                path = path.parent
                if !pending.isEmpty { try cursor.ascend() }
                continue
            }
            guard let facts = try cursor.current.facts(of: name) else { continue }
            entries.append(ScannedEntry(path: path.appending(name), facts: facts))
            guard facts.kind == .directory else { continue }
            do throws(GitError) {
                try cursor.descend(name)
            } catch  where error.code != .shortage {
                entries[entries.count - 1].problem = error.message
                continue
            }
            do throws(GitError) {
                entries[entries.count - 1].notice = ExtendedAttributes.notice(of: cursor.current.descriptor)
                pending.append(try cursor.current.names().reversed())
                path = path.appending(name)
            } catch  where error.code != .shortage {
                entries[entries.count - 1].problem = error.message
                try cursor.ascend()
            }
        }
        return entries
    }
}
