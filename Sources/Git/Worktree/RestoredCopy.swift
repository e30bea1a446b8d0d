import CLibgit2
import CPlatform
import Glibc

/// A worktree that a snapshot was written out into elsewhere, for a person: no task has it, and only its person knows
/// when it has gone.
package enum RestoredCopy {
    private static let infix = "-restored-"
    private static let marker = "runner-gone"

    /// The name of the `count`th copy of a task.
    package static func name(task: Int, _ count: Int) -> String { "\(task)\(infix)\(count)" }

    /// The task in the name of a copy; nil for anything else.
    package static func task(of name: String) -> Int? {
        let halves = name.split(separator: infix, maxSplits: 1).map { Int($0) }
        guard halves.count == 2, let task = halves[0], let count = halves[1], Self.name(task: task, count) == name
        else { return nil }
        return task
    }

    /// Has a hub forget copies whose folder has been missing for `patience` seconds; returns their names.
    ///
    /// The first look notes that one is gone, and a look that finds it again forgets that: it may have been moved and
    /// mended with `git worktree repair`, or be on a disk that is not there. A locked one stays. What was committed in
    /// it and nothing else holds gets a reference.
    @discardableResult
    package static func forgetGone(in hub: Hub, patience: Int) throws(GitError) -> [String] {
        let folder = hub.path + "/worktrees"
        guard access(folder, F_OK) == 0 else { return [] }
        var forgotten: [String] = []
        for bytes in try DirectoryHandle.open(folder).names() {
            guard let name = String(validating: bytes, as: UTF8.self), let task = Self.task(of: name) else {
                continue
            }
            let admin = "\(folder)/\(name)"
            guard isGone(admin) else {
                unlink("\(admin)/\(marker)")
                continue
            }
            guard isDue("\(admin)/\(marker)", patience) else { continue }
            try hub.withLock { () throws(GitError) in
                // Looked at once more: nobody mends it from here on without the lock's holder seeing it.
                guard isGone(admin) else { return }
                try keepCommit(of: admin, below: "refs/runner/\(task)/restored", in: hub)
                Directory.removeTree(admin)
                forgotten.append(name)
            }
        }
        return forgotten
    }

    private static func isGone(_ admin: String) -> Bool {
        guard let link = Directory.read("\(admin)/gitdir"), access("\(admin)/locked", F_OK) != 0 else { return false }
        let path = String(decoding: link.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        return access(path, F_OK) != 0 && errno == ENOENT
    }

    private static func isDue(_ marker: String, _ patience: Int) -> Bool {
        var facts = stat()
        guard lstat(marker, &facts) == 0 else {
            close(runner_open(marker, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600))
            return false
        }
        return time(nil) - facts.st_mtim.tv_sec >= patience
    }

    private static func keepCommit(of admin: String, below folder: String, in hub: Hub) throws(GitError) {
        guard let text = Directory.read("\(admin)/HEAD"),
            let commit = ObjectID(String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
        else { return }
        let repository = try hub.open()
        // What is not there any more cannot be kept.
        guard try repository.hasCommit(commit) else { return }
        for (_, id) in try repository.references(matching: "refs/*") {
            // A reference may name a tag or a blob.
            guard try repository.hasCommit(id) else { continue }
            if try repository.isDescendant(id, of: commit) { return }
        }
        try repository.setReference("\(folder)/\(commit)", to: commit)
    }
}
