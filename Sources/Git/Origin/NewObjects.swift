import CLibgit2

/// What commits bring beyond their parents: themselves, and the trees and files that no parent has at the same place.
///
/// Together with all objects of those parents that were not added they are whole. A parent that is not there, as at the
/// boundary of a shallow clone, has nothing.
struct NewObjects {
    /// In the order in which they were met, each once.
    private(set) var ids: [ObjectID] = []
    private var known: Set<ObjectID> = []

    mutating func add(commit id: ObjectID, from repository: borrowing GitRepository) throws(GitError) {
        guard note(id) else { return }
        let commit = try repository.commit(id)
        defer { git_commit_free(commit) }
        var before: [OpaquePointer] = []
        defer { for tree in before { git_tree_free(tree) } }
        for number in 0..<git_commit_parentcount(commit) {
            guard let parent = git_commit_parent_id(commit, number) else { continue }
            if let tree = try Self.presentTree(of: ObjectID(parent.pointee), in: repository) { before.append(tree) }
        }
        guard let tree = git_commit_tree_id(commit) else { return }
        try add(tree: ObjectID(tree.pointee), before: before, from: repository)
    }

    private mutating func add(
        tree id: ObjectID, before: [OpaquePointer], from repository: borrowing GitRepository
    ) throws(GitError) {
        guard !before.contains(where: { Self.id(git_tree_id($0)) == id }) else { return }
        // One that was met before is gone through again: it was compared with other parents then, and what those have in
        // it may be new in this commit.
        _ = note(id)
        let tree = try repository.tree(of: id)
        defer { git_tree_free(tree) }
        for position in 0..<git_tree_entrycount(tree) {
            guard let entry = git_tree_entry_byindex(tree, position), let id = Self.id(git_tree_entry_id(entry))
            else { continue }
            let counterparts = before.compactMap { git_tree_entry_byname($0, git_tree_entry_name(entry)) }
            guard !counterparts.contains(where: { Self.id(git_tree_entry_id($0)) == id }) else { continue }
            switch git_tree_entry_type(entry) {
            case GIT_OBJECT_TREE:
                var below: [OpaquePointer] = []
                defer { for tree in below { git_tree_free(tree) } }
                for entry in counterparts where git_tree_entry_type(entry) == GIT_OBJECT_TREE {
                    if let id = Self.id(git_tree_entry_id(entry)) { below.append(try repository.tree(of: id)) }
                }
                try add(tree: id, before: below, from: repository)
            case GIT_OBJECT_BLOB: _ = note(id)
            // A submodule's commit is an object of another repository.
            default: continue
            }
        }
    }

    /// False when it was met before.
    private mutating func note(_ id: ObjectID) -> Bool {
        guard known.insert(id).inserted else { return false }
        ids.append(id)
        return true
    }

    private static func presentTree(
        of commit: ObjectID, in repository: borrowing GitRepository
    ) throws(GitError) -> OpaquePointer? {
        do throws(GitError) {
            return try repository.tree(of: commit)
        } catch  where error.code == .notFound {
            return nil
        }
    }

    private static func id(_ oid: UnsafePointer<git_oid>?) -> ObjectID? { oid.map { ObjectID($0.pointee) } }
}
