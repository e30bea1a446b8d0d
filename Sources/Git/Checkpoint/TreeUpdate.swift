import CLibgit2
import Glibc

/// One path of a tree that gets another file, or none.
struct TreeUpdate {
    let path: [UInt8]
    /// Nil: the path goes.
    let entry: (mode: UInt32, id: ObjectID)?

    /// Writes the tree that `base` becomes; throws where a file takes the place of a folder or the other way round.
    static func apply(
        _ updates: [TreeUpdate], to base: ObjectID, in repository: borrowing GitRepository
    ) throws(GitError) -> ObjectID {
        if updates.isEmpty { return base }
        let tree = try repository.tree(of: base)
        defer { git_tree_free(tree) }
        var items: [git_tree_update] = []
        defer { for item in items { free(UnsafeMutablePointer(mutating: item.path)) } }
        for update in updates {
            var item = git_tree_update()
            item.action = update.entry == nil ? GIT_TREE_UPDATE_REMOVE : GIT_TREE_UPDATE_UPSERT
            if let entry = update.entry {
                item.id = entry.id.oid
                item.filemode = git_filemode_t(rawValue: entry.mode)
            }
            item.path = withCName(update.path) { UnsafePointer(strdup($0)) }
            items.append(item)
        }
        var oid = git_oid()
        try git("write a tree") { git_tree_create_updated(&oid, repository.pointer, tree, items.count, &items) }
        return ObjectID(oid)
    }
}
