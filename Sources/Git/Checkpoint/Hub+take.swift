import CLibgit2
import Glibc

extension Hub {
    /// Adds a pack that `CheckpointPack.make` made elsewhere, and returns when it is on the disk; safe to repeat.
    ///
    /// Every object is checked against its name, and that each one it refers to is in the pack or in the hub, so fetch
    /// the origin first; a submodule's commit is in neither. Throws and leaves nothing when the pack is damaged.
    package func take(_ pack: [UInt8]) throws(GitError) {
        guard !pack.isEmpty else { return }
        let repository = try open()
        let database = try gitPointer("open the object store") { git_repository_odb(&$0, repository.pointer) }
        defer { git_odb_free(database) }
        let scratch = "\(path)/taking-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        try Directory.createParents(of: scratch + "/pack/")
        defer { Directory.removeTree(scratch) }
        let name = try Self.index(pack, in: scratch + "/pack", database)
        try git("read a pack") { git_odb_add_disk_alternate(database, scratch) }
        try Self.requireComplete(scratch, repository, database)
        let folder = path + "/objects/pack"
        // A pack counts when its index is there.
        for suffix in [".pack", ".idx"] {
            try HubDurability.sync("\(scratch)/pack/\(name)\(suffix)")
            guard rename("\(scratch)/pack/\(name)\(suffix)", "\(folder)/\(name)\(suffix)") == 0 else {
                throw .system("add a pack to the hub", errno: errno)
            }
        }
        try HubDurability.sync(folder)
    }

    /// Writes the pack and its index into `folder`; returns their name.
    private static func index(_ pack: [UInt8], in folder: String, _ database: OpaquePointer) throws(GitError) -> String
    {
        let indexer = try gitPointer("read a pack") { git_indexer_new(&$0, folder, 0o444, database, nil) }
        defer { git_indexer_free(indexer) }
        var progress = git_indexer_progress()
        let taken = pack.withUnsafeBytes { git_indexer_append(indexer, $0.baseAddress, $0.count, &progress) }
        try git("read a pack") { taken }
        try git("add a pack to the hub") { git_indexer_commit(indexer, &progress) }
        // The name is the hash that the deprecated function gives; libgit2 1.5 knows no other.
        guard let hash = git_indexer_hash(indexer)?.pointee else {
            throw GitError(code: .generic, operation: "add a pack to the hub", message: "it has no name")
        }
        return "pack-\(ObjectID(hash))"
    }

    /// Throws when an object of the store `scratch` refers to one that `database` has not got.
    ///
    /// Not the indexer's own check: that looks for the commits of submodules too (libgit2 1.5).
    private static func requireComplete(
        _ scratch: String, _ repository: borrowing GitRepository, _ database: OpaquePointer
    ) throws(GitError) {
        let added = try gitPointer("read a pack") { git_odb_open(&$0, scratch) }
        defer { git_odb_free(added) }
        var ids: [git_oid] = []
        try git("read a pack") {
            withUnsafeMutablePointer(to: &ids) { ids in
                git_odb_foreach(
                    added,
                    { id, payload in
                        if let id { payload?.assumingMemoryBound(to: [git_oid].self).pointee.append(id.pointee) }
                        return 0
                    }, ids)
            }
        }
        for var id in ids {
            let object = try gitPointer("read \(ObjectID(id).short) of a pack") {
                git_object_lookup(&$0, repository.pointer, &id, GIT_OBJECT_ANY)
            }
            defer { git_object_free(object) }
            for var needed in references(of: object) where git_odb_exists(database, &needed) == 0 {
                throw GitError(
                    code: .notFound, operation: "add a pack to the hub",
                    message: "\(ObjectID(id).short) in it needs \(ObjectID(needed).short), which is not here")
            }
        }
    }

    private static func references(of object: OpaquePointer) -> [git_oid] {
        switch git_object_type(object) {
        case GIT_OBJECT_COMMIT:
            let parents = (0..<git_commit_parentcount(object)).map { git_commit_parent_id(object, $0) }
            return ([git_commit_tree_id(object)] + parents).compactMap { $0?.pointee }
        case GIT_OBJECT_TREE:
            return (0..<git_tree_entrycount(object)).compactMap { number in
                guard let entry = git_tree_entry_byindex(object, number),
                    git_tree_entry_filemode(entry) != GIT_FILEMODE_COMMIT
                else { return nil }
                return git_tree_entry_id(entry)?.pointee
            }
        case GIT_OBJECT_TAG: return [git_tag_target_id(object)].compactMap { $0?.pointee }
        default: return []
        }
    }
}
