import Git

/// Finds what a base name means in a hub: a branch of the origin, a tag, or a commit.
struct BaseFinder {
    let repository: String
    let name: String
    /// Whether a tag of the same name is left aside: for names that were read from a HEAD, or that a run began with.
    var isBranch = false

    func find(in git: borrowing GitRepository) throws -> Base {
        let branch = try git.reference("refs/remotes/origin/\(name)")
        let tag = try git.reference("refs/tags/\(name)")
        if let branch, let tag, branch != tag, !isBranch {
            throw EngineError(
                .noSuchBase, "\"\(name)\" is both a branch (\(branch.short)) and a tag (\(tag.short))",
                hint: "give the commit, refs/heads/\(name) or refs/tags/\(name)")
        }
        if branch != nil { return Base(commit: try commit("refs/remotes/origin/\(name)", git), name: name) }
        if tag != nil { return Base(commit: try commit("refs/tags/\(name)", git), name: name) }
        if let short = stripped("refs/heads/") ?? stripped("origin/") {
            if try git.reference("refs/remotes/origin/\(short)") != nil {
                return Base(commit: try commit("refs/remotes/origin/\(short)", git), name: short)
            }
        }
        if let short = stripped("refs/tags/"), try git.reference(name) != nil {
            // Where a branch has that name too, the run's steps have to find the tag again by the whole one.
            let isTaken = try git.reference("refs/remotes/origin/\(short)") != nil
            return Base(commit: try commit(name, git), name: isTaken ? name : short)
        }
        if name.utf8.count >= 7, name.utf8.allSatisfy(isHexDigit) {
            do {
                return Base(commit: try commit(name, git), name: nil)
            } catch let error as GitError where error.code == .ambiguous {
                throw EngineError(.noSuchBase, "the commit \"\(name)\" is ambiguous", hint: "give more digits")
            } catch is GitError {
                throw try missing(git)
            }
        }
        throw try missing(git)
    }

    private func commit(_ revision: String, _ git: borrowing GitRepository) throws -> ObjectID {
        if revision.hasPrefix("refs/tags/") {
            let isCommit = try git.leadsToCommit(revision)
            guard isCommit else {
                throw EngineError(
                    .noSuchBase, "\"\(name)\" is a tag of a file or a folder",
                    hint: "name one of a commit, or a branch")
            }
        }
        return try git.resolve(revision)
    }

    private func stripped(_ prefix: String) -> String? {
        name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
    }

    private func isHexDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...102).contains(byte) || (65...70).contains(byte)
    }

    private func missing(_ git: borrowing GitRepository) throws -> EngineError {
        try error("\"\(repository)\" has no branch, tag or commit \"\(name)\"", "its branches", git)
    }

    /// Why no task can start from where the origin's HEAD is: on the branch `name`, which has no commit.
    func unborn(_ git: borrowing GitRepository) throws -> EngineError {
        let head = name == "HEAD" ? "no branch that exists" : "the branch \"\(name)\", which has no commit yet"
        return try error(
            "HEAD of \"\(repository)\" is on \(head)", "name another one with --base or runner repo update --branch",
            git)
    }

    private func error(_ message: String, _ advice: String, _ git: borrowing GitRepository) throws -> EngineError {
        let prefix = "refs/remotes/origin/"
        let branches = try git.references(matching: prefix + "*").map { String($0.name.dropFirst(prefix.count)) }
            .filter { $0 != "HEAD" && !$0.hasPrefix("runner/") }
        guard !branches.isEmpty else {
            return EngineError(
                .emptyRepository, "the repository \"\(repository)\" has no commit yet",
                hint:
                    "make the first one, git commit --allow-empty -m first will do, and push it where there is a remote"
            )
        }
        let shown = branches.prefix(12).joined(separator: ", ") + (branches.count > 12 ? ", …" : "")
        return EngineError(.noSuchBase, message, hint: "\(advice): \(shown)")
    }
}
