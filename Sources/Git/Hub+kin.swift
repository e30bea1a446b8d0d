import CLibgit2

extension Hub {
    /// Whether the history of a repository of the user's has a commit that the hub has; true for a hub without branches.
    package func isKin(of origin: LocalOrigin) throws(GitError) -> Bool {
        let other = try origin.open()
        var tips = try other.references(matching: "refs/heads/*").map(\.id)
        if let head = try other.head().commit { tips.append(head) }
        return try isKin(of: other, tips)
    }

    /// The same for what was fetched into another hub.
    package func isKin(of hub: Hub) throws(GitError) -> Bool {
        let other = try hub.open()
        return try isKin(of: other, try other.references(matching: "refs/remotes/origin/*").map(\.id))
    }

    private func isKin(of other: borrowing GitRepository, _ tips: [ObjectID]) throws(GitError) -> Bool {
        let own = try open()
        if try own.references(matching: "refs/remotes/origin/*").isEmpty { return true }
        return try other.presentHistory(of: Array(Set(tips))) { (id) throws(GitError) in try own.hasCommit(id) }
    }

    /// Lets the repository in `directory` have the hub's objects as well as its own (gitrepository-layout(5)).
    package func lendObjects(to directory: String) throws(GitError) {
        try Directory.write(Array("\(path)/objects\n".utf8), to: directory + "/objects/info/alternates")
    }
}
