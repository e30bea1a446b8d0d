import CLibgit2
import CPlatform
import Glibc

/// Looks again at what libgit2 (1.5) says is ignored, where a `.gitignore` on the way has a pattern that ends in a tab.
///
/// Libgit2 takes such tabs away, git only spaces (gitignore(5)): a new file would be in no commit. The question is put once
/// more to a folder with the same rules, in which those tabs are written so that both read them alike.
final class TabbedRules {
    private typealias Rules = (text: [UInt8], isTabbed: Bool)

    private let root: String
    private let gitDirectory: String
    private var known: [BytePath: Rules] = [:]
    /// A temporary folder, empty as long as there is none, and what of the worktree's folders is in it.
    private var folder = ""
    private var written: Set<BytePath> = []

    /// For the directory `root` of a worktree.
    init(root: String, gitDirectory: String) {
        (self.root, self.gitDirectory) = (root, gitDirectory)
    }

    deinit {
        if !folder.isEmpty { Directory.removeTree(folder) }
    }

    /// Whether git, too, ignores `path`, which libgit2 says is; a folder has a slash at its end.
    func ignores(_ path: [UInt8]) -> Bool {
        var folders: [BytePath] = []
        var folder = BytePath(path.last == BytePath.slash ? path.dropLast() : path)
        while !folder.isEmpty {
            folder = folder.parent
            folders.append(folder)
        }
        guard folders.contains(where: { rules(of: $0).isTabbed }) else { return true }
        do throws(GitError) {
            return try ask(path, folders)
        } catch {
            // What is not certain is recorded.
            return false
        }
    }

    private func rules(of folder: BytePath) -> Rules {
        if let found = known[folder] { return found }
        let name = Array(root.utf8) + [BytePath.slash] + folder.appending(Array(".gitignore".utf8)).bytes
        let found = Self.rewrite(withCName(name) { Directory.read($0, limit: 1 << 24) } ?? [])
        known[folder] = found
        return found
    }

    /// A tab at a line's end becomes `[<tab>]`.
    static func rewrite(_ rules: [UInt8]) -> (text: [UInt8], isTabbed: Bool) {
        let (tab, escape, end) = (UInt8(ascii: "\t"), UInt8(ascii: "\\"), UInt8(ascii: "\n"))
        guard rules.contains(tab) else { return (rules, false) }
        var result: Rules = ([], false)
        for line in rules.split(separator: end, omittingEmptySubsequences: false) {
            var kept = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            while kept.last == UInt8(ascii: " ") { kept.removeLast() }
            guard kept.last == tab, kept.first != UInt8(ascii: "#") else {
                result.text += line + [end]
                continue
            }
            let tabs = kept.reversed().prefix { $0 == tab }.count
            kept.removeLast(tabs)
            // One that is escaped is a tab all the same.
            if kept.reversed().prefix(while: { $0 == escape }).count % 2 == 1 { kept.removeLast() }
            result.text += kept
            for _ in 0..<tabs { result.text += [UInt8(ascii: "["), tab, UInt8(ascii: "]")] }
            result.text.append(end)
            result.isTabbed = true
        }
        return result
    }

    private func ask(_ path: [UInt8], _ folders: [BytePath]) throws(GitError) -> Bool {
        let operation = "look at the ignore rules of '\(BytePath(path))'"
        if folder.isEmpty {
            var template = Array("/tmp/runner-ignore-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { throw .system(operation, errno: errno) }
            folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        for part in folders.reversed() where written.insert(part).inserted {
            let place = Array(folder.utf8) + [BytePath.slash] + part.bytes
            guard withCName(place, { mkdir($0, 0o700) }) == 0 || errno == EEXIST else {
                throw .system(operation, errno: errno)
            }
            let file = withCName(place + Array("/.gitignore".utf8)) {
                runner_open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            }
            guard file >= 0 else { throw .system(operation, errno: errno) }
            defer { close(file) }
            let failure = rules(of: part).text.withUnsafeBytes { Directory.writeAll($0, to: file) }
            guard failure == 0 else { throw .system(operation, errno: failure) }
        }
        let repository = try GitRepository(gitDirectory: gitDirectory, bare: false)
        try git(operation) { git_repository_set_workdir(repository.pointer, folder, 0) }
        var ignored: Int32 = 0
        try git(operation) { withCName(path) { git_ignore_path_is_ignored(&ignored, repository.pointer, $0) } }
        return ignored == 1
    }
}
