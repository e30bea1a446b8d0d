import CLibgit2

/// Finds everything that only one worktree keeps alive, so that a single reference can anchor it.
///
/// The names come from the files of the administrative folder themselves: HEAD's log, states of a merge, rebase or
/// bisect, and the worktree's own references all write object ids in full.
struct SnapshotTips {
    /// Commits that neither HEAD nor another tip reaches.
    private(set) var commits: [ObjectID] = []
    /// Trees and blobs that are named directly.
    private(set) var loose: [(id: ObjectID, type: git_object_t)] = []
    /// Commits whose history is not whole in the hub; a reference to them would break it.
    private(set) var broken: [ObjectID] = []

    init(naming candidates: Set<ObjectID>, head: ObjectID?, objects: ObjectSink, hub: Hub) throws(GitError) {
        var named: [ObjectID] = []
        for id in candidates.sorted(by: { $0.hex < $1.hex }) {
            switch objects.type(of: id) {
            case GIT_OBJECT_COMMIT: named.append(id)
            case GIT_OBJECT_TREE: loose.append((id, GIT_OBJECT_TREE))
            case GIT_OBJECT_BLOB: loose.append((id, GIT_OBJECT_BLOB))
            default: break
            }
        }
        let repository = try hub.open()
        do throws(GitError) {
            commits = try Self.minimal(named, head: head, in: repository)
        } catch {
            var whole: [ObjectID] = []
            for id in named {
                if (try? Self.minimal([id], head: nil, in: repository)) != nil {
                    whole.append(id)
                } else {
                    broken.append(id)
                }
            }
            commits = try Self.minimal(whole, head: head, in: repository)
        }
    }

    /// Every full object id that occurs in a text.
    static func ids(in text: [UInt8]) -> Set<ObjectID> {
        var found: Set<ObjectID> = []
        for word in text.split(whereSeparator: { !isHexDigit($0) }) where word.count == 40 {
            if let id = ObjectID(String(decoding: word, as: UTF8.self)) { found.insert(id) }
        }
        return found
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46)
    }

    /// One walk with children before parents: a commit that no walked commit has as its parent is a tip.
    private static func minimal(
        _ commits: [ObjectID], head: ObjectID?, in repository: borrowing GitRepository
    ) throws(GitError) -> [ObjectID] {
        guard !commits.isEmpty else { return [] }
        if repository.isShallow { return try tips(of: commits, head: head, in: repository) }
        let walk = try gitPointer("walk the history") { git_revwalk_new(&$0, repository.pointer) }
        defer { git_revwalk_free(walk) }
        try git("walk the history") { git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL.rawValue) }
        for id in commits {
            var oid = id.oid
            try git("walk from \(id.short)") { git_revwalk_push(walk, &oid) }
        }
        if let head {
            var oid = head.oid
            try git("walk from \(head.short)") { git_revwalk_hide(walk, &oid) }
        }
        let named = Set(commits)
        var covered: Set<ObjectID> = []
        var tips: [ObjectID] = []
        var oid = git_oid()
        while true {
            let result = git_revwalk_next(&oid, walk)
            if result == GIT_ITEROVER.rawValue { break }
            try git("walk the history") { result }
            let id = ObjectID(oid)
            if named.contains(id), !covered.contains(id) { tips.append(id) }
            let commit = try gitPointer("read commit \(id.short)") { git_commit_lookup(&$0, repository.pointer, &oid) }
            defer { git_commit_free(commit) }
            for position in 0..<git_commit_parentcount(commit) {
                if let parent = git_commit_parent_id(commit, position) { covered.insert(ObjectID(parent.pointee)) }
            }
        }
        return tips
    }

    /// The same for a history with a boundary, which is short.
    private static func tips(
        of commits: [ObjectID], head: ObjectID?, in repository: borrowing GitRepository
    ) throws(GitError) -> [ObjectID] {
        var covered: Set<ObjectID> = []
        if let head { covered = try repository.presentHistory(of: [head]) }
        var tips: [ObjectID] = []
        for id in commits where !covered.contains(id) {
            let own = try repository.presentHistory(of: [id])
            tips.removeAll { own.contains($0) }
            tips.append(id)
            covered.formUnion(own)
        }
        return tips
    }
}
