import CLibgit2

extension GitRepository {
    /// Where HEAD stands.
    package enum Head: Hashable, Sendable {
        /// On a branch (its full reference name), at a commit or not born yet.
        case branch(String, ObjectID?)
        case detached(ObjectID)

        package var commit: ObjectID? {
            switch self {
            case .branch(_, let id): id
            case .detached(let id): id
            }
        }
    }

    /// Reads HEAD.
    package func head() throws(GitError) -> Head {
        let reference = try gitPointer("read HEAD") { git_reference_lookup(&$0, pointer, "HEAD") }
        defer { git_reference_free(reference) }
        if let target = git_reference_symbolic_target(reference) {
            let name = String(cString: target)
            return .branch(name, try self.reference(name))
        }
        guard let target = git_reference_target(reference) else {
            throw GitError(code: .notFound, operation: "read HEAD", message: "it names nothing")
        }
        return .detached(ObjectID(target.pointee))
    }

    /// Points HEAD at a branch (its full reference name); files and index stay as they are.
    package func setHead(toBranch name: String, log: String = "") throws(GitError) {
        let reference = try gitPointer("set HEAD to '\(name)'") {
            git_reference_symbolic_create(&$0, pointer, "HEAD", name, 1, log)
        }
        git_reference_free(reference)
    }
}
