import CLibgit2
import CPlatform
import Glibc

/// Giving an origin the objects that it lacks of a commit.
extension LocalOrigin {
    /// From so many objects on they come as a pack; fewer come as files, as git-receive-pack(1) has it, because every
    /// pack makes each later look at an object dearer.
    private static let packFrom = 100
    /// Commits that are more than a task makes.
    private static let fewCommits = 1_000

    /// `repository` is the origin's with the hub's objects; `present` is where the branch stands there.
    func copyMissingObjects(
        from repository: borrowing GitRepository, tip: ObjectID, present: ObjectID?, owner: Ownership
    ) throws(GitError) {
        let commits =
            try isShallow ? lackedCommits(of: repository, tip: tip) : newCommits(of: repository, tip: tip, present)
        var objects = NewObjects()
        for commit in commits { try objects.add(commit: commit, from: repository) }
        guard objects.ids.count >= Self.packFrom else { return try writeFiles(objects.ids, from: repository, owner) }
        // A task's own files are not searched for deltas: 16 of 20 MB took ten minutes. Maintenance does it later.
        if commits.count < Self.fewCommits { try PackSettings.apply(to: repository.pointer) }
        try writePack(objects.ids, from: repository, owner)
    }

    /// The commits in the history of `tip` beyond the origin's branches.
    ///
    /// Branches of other tasks are no boundary: there may be thousands, and a task rarely stands on another's commits.
    /// Tags and remote branches are one only where the branches alone leave much to be copied.
    private func newCommits(
        of repository: borrowing GitRepository, tip: ObjectID, _ present: ObjectID?
    ) throws(GitError) -> [ObjectID] {
        var boundary = [present, try repository.head().commit].compactMap { $0 }
        for (name, id) in try repository.references(matching: "refs/heads/*")
        where !name.hasPrefix("refs/heads/runner/") {
            boundary.append(id)
        }
        let few = try commits(
            of: try walk(repository, from: tip, without: boundary, hidesAll: false), limit: Self.fewCommits)
        if let few { return few }
        return try commits(of: try walk(repository, from: tip, without: boundary, hidesAll: true), limit: .max) ?? []
    }

    /// The caller frees it with `git_revwalk_free`.
    private func walk(
        _ repository: borrowing GitRepository, from tip: ObjectID, without boundary: [ObjectID], hidesAll: Bool
    ) throws(GitError) -> OpaquePointer {
        let handle = repository.pointer
        let walk = try gitPointer("walk the history") { git_revwalk_new(&$0, handle) }
        var oid = tip.oid
        do throws(GitError) {
            try git("walk the history") { git_revwalk_push(walk, &oid) }
        } catch {
            git_revwalk_free(walk)
            throw error
        }
        for id in boundary {
            var oid = id.oid
            // References to something other than commits are no boundary.
            if git_revwalk_hide(walk, &oid) < 0 { git_error_clear() }
        }
        for glob in hidesAll ? ["refs/heads/*", "refs/tags/*", "refs/remotes/*"] : [] {
            if git_revwalk_hide_glob(walk, glob) < 0 { git_error_clear() }
        }
        return walk
    }

    /// What a walk meets, nil for more than `limit` commits; frees it.
    private func commits(of walk: OpaquePointer, limit: Int) throws(GitError) -> [ObjectID]? {
        defer { git_revwalk_free(walk) }
        var found: [ObjectID] = []
        var oid = git_oid()
        while true {
            let result = git_revwalk_next(&oid, walk)
            if result == GIT_ITEROVER.rawValue {
                git_error_clear()
                return found
            }
            try git("walk the history") { result }
            guard found.count < limit else { return nil }
            found.append(ObjectID(oid))
        }
    }

    private func writePack(
        _ ids: [ObjectID], from repository: borrowing GitRepository, _ owner: Ownership
    ) throws(GitError) {
        let handle = repository.pointer
        let builder = try gitPointer("gather objects") { git_packbuilder_new(&$0, handle) }
        defer { git_packbuilder_free(builder) }
        for id in ids {
            var oid = id.oid
            try git("gather objects") { git_packbuilder_insert(builder, &oid, nil) }
        }
        let folder = commonDirectory + "/objects/pack"
        if mkdir(folder, 0o777) == 0 { owner.adopt(path: folder) }
        let before = Set(ObjectMirror.names(in: folder))
        try git("write objects to '\(folder)'") { git_packbuilder_write(builder, folder, 0, nil, nil) }
        for name in ObjectMirror.names(in: folder) where !before.contains(name) {
            owner.adopt(path: "\(folder)/\(name)")
            // Libgit2 flushes files of single objects, as told, but no pack.
            try HubDurability.sync("\(folder)/\(name)")
        }
        try HubDurability.sync(folder)
    }

    private func writeFiles(
        _ ids: [ObjectID], from repository: borrowing GitRepository, _ owner: Ownership
    ) throws(GitError) {
        guard !ids.isEmpty else { return }
        let handle = repository.pointer
        let all = try gitPointer("open the objects of '\(gitDirectory)'") { git_repository_odb(&$0, handle) }
        defer { git_odb_free(all) }
        let objects = commonDirectory + "/objects"
        let files = try looseDatabase(objects)
        defer { git_odb_free(files) }
        for id in ids {
            var oid = id.oid
            let object = try gitPointer("read object \(id.short)") { git_odb_read(&$0, all, &oid) }
            defer { git_odb_object_free(object) }
            var written = git_oid()
            try git("write object \(id.short) to '\(objects)'") {
                git_odb_write(
                    &written, files, git_odb_object_data(object), git_odb_object_size(object),
                    git_odb_object_type(object))
            }
            let fan = "\(objects)/\(id.hex.prefix(2))"
            owner.adopt(path: fan)
            owner.adopt(path: "\(fan)/\(id.hex.dropFirst(2))")
        }
    }

    /// An object database of files alone; the caller frees it with `git_odb_free`.
    private func looseDatabase(_ folder: String) throws(GitError) -> OpaquePointer {
        let operation = "open '\(folder)'"
        let database = try gitPointer(operation) { git_odb_new(&$0) }
        do throws(GitError) {
            var backend: UnsafeMutablePointer<git_odb_backend>?
            try git(operation) { git_odb_backend_loose(&backend, folder, -1, 1, 0, 0) }
            try git(operation) { git_odb_add_backend(database, backend, 1) }
        } catch {
            git_odb_free(database)
            throw error
        }
        return database
    }
}
