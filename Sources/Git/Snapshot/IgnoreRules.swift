import CLibgit2
import CPlatform
import Glibc

/// Asks the ignore rules of a worktree; whatever it cannot answer is not ignored, and so is saved.
struct IgnoreRules: ~Copyable {
    private let repository: GitRepository
    private let tabbed: TabbedRules
    private let isSafe: Bool
    /// Folders whose `.gitignore` is no regular file: reading a fifo would wait for ever.
    private let unreadable: Set<BytePath>

    init(worktree: Worktree, scan: [ScannedEntry]) throws(GitError) {
        repository = try worktree.open()
        tabbed = TabbedRules(root: worktree.path, gitDirectory: repository.gitDirectory)
        let name = Array(".gitignore".utf8)
        let odd = scan.filter { $0.facts.kind != .file && $0.path.name == name }
        unreadable = Set(odd.map(\.path.parent))
        var status = stat()
        let exclude = "\(worktree.hub.path)/info/exclude"
        isSafe = lstat(exclude, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    }

    /// Whether Git would not offer to add `path`.
    func ignores(_ path: BytePath, isDirectory: Bool) -> Bool {
        guard isSafe, !path.isEmpty, path.bytes.count < 4000 else { return false }
        if !unreadable.isEmpty {
            var folder = path.parent
            while true {
                if unreadable.contains(folder) { return false }
                if folder.isEmpty { break }
                folder = folder.parent
            }
        }
        var ignored: Int32 = 0
        let name = isDirectory ? path.bytes + [BytePath.slash] : path.bytes
        let result = withCName(name) { git_ignore_path_is_ignored(&ignored, repository.pointer, $0) }
        if result != 0 { git_error_clear() }
        return result == 0 && ignored == 1 && tabbed.ignores(name)
    }
}
