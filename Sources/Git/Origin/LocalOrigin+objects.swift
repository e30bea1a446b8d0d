import CLibgit2
import CPlatform
import Foundation
import Glibc

/// Giving an origin the objects that it lacks of a commit.
extension LocalOrigin {
    /// From so many objects on they come as a pack; fewer come as files, as git-receive-pack(1) has it, because every
    /// pack makes each later look at an object dearer.
    private static let packFrom = 100
    /// Commits that are more than a task makes.
    private static let fewCommits = 1_000

    /// `repository` is the origin's with the hub's objects; `present` is where the branch stands there; `scratch` gets a
    /// folder for the moment.
    func copyMissingObjects(
        from repository: borrowing GitRepository, tip: ObjectID, present: ObjectID?, scratch: Hub, owner: Ownership
    ) throws(GitError) {
        let handle = repository.pointer
        let builder = try gitPointer("gather objects") { git_packbuilder_new(&$0, handle) }
        defer { git_packbuilder_free(builder) }
        if isShallow {
            try gatherWithoutBoundary(builder, from: repository, tip: tip)
        } else {
            try gather(builder, from: repository, tip: tip, present: present)
        }
        let count = git_packbuilder_object_count(builder)
        guard count > 0 else { return }
        let folder = commonDirectory + "/objects/pack"
        if mkdir(folder, 0o777) == 0 { owner.adopt(path: folder) }
        guard count >= Self.packFrom else { return try writeFiles(builder, scratch, owner) }
        let before = Set(ObjectMirror.names(in: folder))
        try git("write objects to '\(folder)'") { git_packbuilder_write(builder, folder, 0, nil, nil) }
        for name in ObjectMirror.names(in: folder) where !before.contains(name) {
            owner.adopt(path: "\(folder)/\(name)")
        }
    }

    /// What the history of `tip` has beyond the origin's branches.
    ///
    /// Branches of other tasks are no boundary: there may be thousands, and a task rarely stands on another's commits.
    /// Tags and remote branches are one only where the branches alone leave much to be copied.
    private func gather(
        _ builder: OpaquePointer, from repository: borrowing GitRepository, tip: ObjectID, present: ObjectID?
    ) throws(GitError) {
        var boundary = [present, try repository.head().commit].compactMap { $0 }
        for (name, id) in try repository.references(matching: "refs/heads/*")
        where !name.hasPrefix("refs/heads/runner/") {
            boundary.append(id)
        }
        var hidesAll = false
        if try isLong(try walk(repository, from: tip, without: boundary, hidesAll: false)) { hidesAll = true }
        let walk = try walk(repository, from: tip, without: boundary, hidesAll: hidesAll)
        defer { git_revwalk_free(walk) }
        try git("gather objects") { git_packbuilder_insert_walk(builder, walk) }
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

    /// Whether a walk has many commits; frees it.
    private func isLong(_ walk: OpaquePointer) throws(GitError) -> Bool {
        defer { git_revwalk_free(walk) }
        var oid = git_oid()
        for _ in 0..<Self.fewCommits {
            let result = git_revwalk_next(&oid, walk)
            if result == GIT_ITEROVER.rawValue {
                git_error_clear()
                return false
            }
            try git("walk the history") { result }
        }
        return true
    }

    /// Writes the objects one file each, by way of a pack in a folder of its own.
    private func writeFiles(_ builder: OpaquePointer, _ scratch: Hub, _ owner: Ownership) throws(GitError) {
        let objects = commonDirectory + "/objects"
        let folder = "\(scratch.path)/runner-publish-\(UUID().uuidString)"
        guard mkdir(folder, 0o700) == 0 else { throw .system("create '\(folder)'", errno: errno) }
        defer { Directory.removeTree(folder) }
        try git("write objects to '\(folder)'") { git_packbuilder_write(builder, folder, 0, nil, nil) }
        guard let index = ObjectMirror.names(in: folder).first(where: { $0.hasSuffix(".idx") }) else {
            throw GitError(code: .generic, operation: "write objects to '\(folder)'", message: "there is no index")
        }
        let pack = try database("read the new objects") { git_odb_backend_one_pack(&$0, "\(folder)/\(index)") }
        defer { git_odb_free(pack) }
        let files = try database("open '\(objects)'") { git_odb_backend_loose(&$0, objects, -1, 1, 0, 0) }
        defer { git_odb_free(files) }
        for id in try objectIDs(of: pack) {
            var oid = id.oid
            let object = try gitPointer("read object \(id.short)") { git_odb_read(&$0, pack, &oid) }
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

    /// An object database of one backend alone; the caller frees it with `git_odb_free`.
    private func database(
        _ operation: String, _ make: (inout UnsafeMutablePointer<git_odb_backend>?) -> Int32
    ) throws(GitError) -> OpaquePointer {
        let database = try gitPointer(operation) { git_odb_new(&$0) }
        do throws(GitError) {
            var backend: UnsafeMutablePointer<git_odb_backend>?
            try git(operation) { make(&backend) }
            try git(operation) { git_odb_add_backend(database, backend, 1) }
        } catch {
            git_odb_free(database)
            throw error
        }
        return database
    }

    private func objectIDs(of database: OpaquePointer) throws(GitError) -> [ObjectID] {
        var found: [ObjectID] = []
        try withUnsafeMutablePointer(to: &found) { (list: UnsafeMutablePointer<[ObjectID]>) throws(GitError) in
            _ = try git("list the new objects") {
                git_odb_foreach(
                    database,
                    { id, payload in
                        guard let id, let payload else { return -1 }
                        payload.assumingMemoryBound(to: [ObjectID].self).pointee.append(ObjectID(id.pointee))
                        return 0
                    }, list)
            }
        }
        return found
    }
}
