import Glibc

/// What a hub of a submodule's objects has in full.
extension Hub {
    private static func pin(_ commit: ObjectID) -> String { "refs/runner/pins/\(commit)" }

    /// Whether `commit` and all that it needs are here: a reference says so, which is set when a transfer is over.
    package func isPinned(_ commit: ObjectID) throws(GitError) -> Bool {
        try open().reference(Self.pin(commit)) == commit
    }

    /// Anchors a commit whose objects are all here; false when the commit is not.
    package func pin(_ commit: ObjectID) throws(GitError) -> Bool {
        guard try has(commit.hex) else { return false }
        try open().setReference(Self.pin(commit), to: commit)
        return true
    }

    /// Takes every object over from the repository whose Git directory is `gitDirectory`, but none of its references.
    package func takeObjects(of gitDirectory: String) throws(GitError) {
        try withLock { () throws(GitError) in
            for _ in 0..<3 {
                var mirror = ObjectMirror(into: path + "/objects")
                if try mirror.mirror(gitDirectory + "/objects") { return }
            }
            throw GitError(
                code: .modified, operation: "copy '\(gitDirectory)'", message: "it changes all the time; try again")
        }
    }
}
