import CLibgit2
import Glibc

extension Hub {
    /// Adds a pack that `CheckpointPack.make` made elsewhere, and returns when it is on the disk; safe to repeat.
    ///
    /// Every object is checked against its name, and that each one it refers to is in the pack or in the hub, so fetch
    /// the origin first. Throws and leaves nothing when the pack is damaged.
    package func take(_ pack: [UInt8]) throws(GitError) {
        guard !pack.isEmpty else { return }
        let repository = try open()
        let database = try gitPointer("open the object store") { git_repository_odb(&$0, repository.pointer) }
        defer { git_odb_free(database) }
        var options = git_indexer_options()
        try git("prepare to read a pack") {
            git_indexer_options_init(&options, UInt32(GIT_INDEXER_OPTIONS_VERSION))
        }
        options.verify = 1
        let folder = path + "/objects/pack"
        let indexer = try gitPointer("read a pack") { git_indexer_new(&$0, folder, 0o444, database, &options) }
        defer { git_indexer_free(indexer) }
        var progress = git_indexer_progress()
        let taken = pack.withUnsafeBytes { git_indexer_append(indexer, $0.baseAddress, $0.count, &progress) }
        try git("read a pack") { taken }
        try git("add a pack to the hub") { git_indexer_commit(indexer, &progress) }
        var name = [CChar](repeating: 0, count: 41)
        // The name is the hash that the deprecated function gives; libgit2 1.5 knows no other.
        guard var hash = git_indexer_hash(indexer)?.pointee else {
            throw GitError(code: .generic, operation: "add a pack to the hub", message: "it has no name")
        }
        git_oid_tostr(&name, name.count, &hash)
        let stem = "\(folder)/pack-" + String(decoding: name.prefix(40).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try HubDurability.sync(stem + ".pack")
        try HubDurability.sync(stem + ".idx")
        try HubDurability.sync(folder)
    }
}
