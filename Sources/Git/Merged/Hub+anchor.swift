import CLibgit2
import CPlatform
import Glibc

extension Hub {
    /// Gives a reference to every commit that a merge, rebase, bisect or cherry-pick in progress names in a file of its
    /// worktree, where git's own maintenance does not look; returns their names for `releaseStates`.
    ///
    /// For one at a time: such references that are there already are what a killed maintenance left, and go. Throws
    /// when a file cannot be read, for what it names would be lost.
    package func anchorStates() throws(GitError) -> [String] {
        let repository = try open()
        for (name, _) in try repository.references(matching: Self.anchors + "*") {
            try repository.deleteReference(name)
        }
        var found: Set<ObjectID> = []
        for name in try Self.names(in: path + "/worktrees") {
            let folder = "\(path)/worktrees/\(name)"
            for file in try Self.stateFiles(in: folder) {
                guard let text = try Self.text(of: file) else { continue }
                found.formUnion(SnapshotTips.ids(in: text))
            }
        }
        var anchors: [String] = []
        for id in found.sorted(by: { $0.hex < $1.hex }) {
            let name = Self.anchors + id.hex
            // A file may name what is no object any more.
            guard (try? repository.setReference(name, to: id)) != nil else { continue }
            anchors.append(name)
        }
        return anchors
    }

    /// Takes the references of `anchorStates` away again.
    package func releaseStates(_ anchors: [String]) throws(GitError) {
        let repository = try open()
        for name in anchors { try repository.deleteReference(name) }
    }

    private static let anchors = "refs/runner/keep/"

    /// Nil for what is gone meanwhile or no file.
    private static func text(of file: String) throws(GitError) -> [UInt8]? {
        if let text = Directory.read(file, limit: 64 << 20) { return text }
        var status = stat()
        guard lstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        throw GitError(
            code: .generic, operation: "look after the commits that '\(file)' names", message: "it cannot be read")
    }

    /// Every file in capitals beside HEAD, and those of a rebase, an am or a sequence.
    private static func stateFiles(in folder: String) throws(GitError) -> [String] {
        var files: [String] = []
        for name in try names(in: folder) where name.allSatisfy({ $0.isUppercase || $0 == "_" }) {
            files.append("\(folder)/\(name)")
        }
        for state in ["rebase-merge", "rebase-apply", "sequencer"] {
            files += try names(in: "\(folder)/\(state)").map { "\(folder)/\(state)/\($0)" }
        }
        return files
    }
}
