import CLibgit2
import CPlatform
import Glibc

extension Worktree {
    /// Whether Git ignores the folder at `path` whole and tracks nothing in it; false when that cannot be told.
    package func ignoresFolder(_ path: BytePath) throws(GitError) -> Bool {
        guard !path.isEmpty, try hasPlainRules(above: path) else { return false }
        let index = try IndexContents(of: self)
        guard !index.isDamaged, !index.paths.contains(where: { $0.isWithin(path) }) else { return false }
        return try IgnoreRules(worktree: self, scan: []).ignores(path, isDirectory: true)
    }

    /// A `.gitignore` that is no regular file is not read: a fifo would wait for ever.
    private func hasPlainRules(above path: BytePath) throws(GitError) -> Bool {
        let cursor = DirectoryCursor(root: try DirectoryHandle.open(self.path))
        var rest = path.parent.components[...]
        while true {
            if let facts = try cursor.current.facts(of: Array(".gitignore".utf8)), facts.kind != .file { return false }
            guard let name = rest.popFirst() else { return true }
            try cursor.descend(name)
        }
    }
}
