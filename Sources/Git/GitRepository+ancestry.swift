import CLibgit2

extension GitRepository {
    /// Whether `commit` is `ancestor` or has it in its history.
    package func isDescendant(_ commit: ObjectID, of ancestor: ObjectID) throws(GitError) -> Bool {
        if commit == ancestor { return true }
        var (child, parent) = (commit.oid, ancestor.oid)
        let result = git_graph_descendant_of(pointer, &child, &parent)
        // An ancestor that is not in this object store cannot be in the history either.
        if result == GIT_ENOTFOUND.rawValue {
            git_error_clear()
            guard isShallow else { return false }
            return try presentHistory(of: [commit]).contains(ancestor)
        }
        return try git("compare \(commit.short) with \(ancestor.short)") { result } == 1
    }

    /// Whether parents of some commits were left out, as in a clone with a depth. libgit2 1.5 stumbles over those.
    package var isShallow: Bool { git_repository_is_shallow(pointer) == 1 }

    /// The commits and all their ancestors that are there; those behind a shallow clone's boundary are left out.
    package func presentHistory(of tips: [ObjectID]) throws(GitError) -> Set<ObjectID> {
        var found: Set<ObjectID> = []
        _ = try meets(of: tips, noting: &found) { _ in false }
        return found
    }

    /// Whether one of these commits, or of their ancestors that are there, is `wanted`; looks no further than that one.
    func presentHistory(
        of tips: [ObjectID], has wanted: (ObjectID) throws(GitError) -> Bool
    ) throws(GitError) -> Bool {
        var found: Set<ObjectID> = []
        return try meets(of: tips, noting: &found, wanted)
    }

    private func meets(
        of tips: [ObjectID], noting found: inout Set<ObjectID>, _ wanted: (ObjectID) throws(GitError) -> Bool
    ) throws(GitError) -> Bool {
        var waiting = tips
        while let id = waiting.popLast() {
            guard !found.contains(id) else { continue }
            let commit: OpaquePointer
            do throws(GitError) {
                commit = try self.commit(id)
            } catch  where error.code == .notFound && !tips.contains(id) {
                continue
            }
            defer { git_commit_free(commit) }
            if try wanted(id) { return true }
            found.insert(id)
            for number in 0..<git_commit_parentcount(commit) {
                if let parent = git_commit_parent_id(commit, number) { waiting.append(ObjectID(parent.pointee)) }
            }
        }
        return false
    }

    /// The best common ancestor among the commits that are there, the newest where there are several.
    func presentMergeBase(_ a: ObjectID, _ b: ObjectID) throws(GitError) -> ObjectID? {
        let common = try presentHistory(of: [a]).intersection(presentHistory(of: [b]))
        var best = common
        var times: [ObjectID: Int64] = [:]
        for id in common {
            let commit = try commit(id)
            defer { git_commit_free(commit) }
            times[id] = git_commit_time(commit)
            // With a commit all its ancestors are common; so one that is another's parent is not the best.
            for number in 0..<git_commit_parentcount(commit) {
                if let parent = git_commit_parent_id(commit, number) { best.remove(ObjectID(parent.pointee)) }
            }
        }
        return best.max { (times[$0] ?? 0, $0.hex) < (times[$1] ?? 0, $1.hex) }
    }
}
