import Glibc

extension Hub {
    /// Gives a reference to every commit that a merge, rebase, bisect or cherry-pick in progress names in a file of its
    /// worktree, where git's own maintenance does not look; returns their names for `releaseStates`.
    package func anchorStates() throws(GitError) -> [String] {
        let repository = try open()
        var found: Set<ObjectID> = []
        for name in try Self.names(in: path + "/worktrees") {
            let folder = "\(path)/worktrees/\(name)"
            for file in try Self.stateFiles(in: folder) {
                guard let text = Directory.read(file) else { continue }
                found.formUnion(SnapshotTips.ids(in: text))
            }
        }
        var anchors: [String] = []
        for id in found.sorted(by: { $0.hex < $1.hex }) {
            let name = "refs/runner/keep/\(id)"
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

    private static func names(in folder: String) throws(GitError) -> [String] {
        guard access(folder, F_OK) == 0 else { return [] }
        return try DirectoryHandle.open(folder).names().map { String(decoding: $0, as: UTF8.self) }
    }
}
