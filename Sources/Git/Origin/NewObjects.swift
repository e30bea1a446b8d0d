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
        var before: [ObjectID] = []
        for number in 0..<git_commit_parentcount(commit) {
            guard let parent = git_commit_parent_id(commit, number) else { continue }
            if let tree = try Self.presentTree(of: ObjectID(parent.pointee), in: repository) { before.append(tree) }
        }
        guard let tree = git_commit_tree_id(commit) else { return }
        // Not by recursion: a hostile tree is deeper than a thread's stack.
        var pending = [Folder(tree: ObjectID(tree.pointee), before: before)]
        while let folder = pending.popLast() { pending += try add(folder, from: repository) }
    }

    /// A tree that is gone through, and what the parents have at its place.
    private struct Folder {
        let tree: ObjectID
        let before: [ObjectID]
    }

    /// Notes what is new in one folder; returns the folders in it that may hold more.
    private mutating func add(_ folder: Folder, from repository: borrowing GitRepository) throws(GitError) -> [Folder] {
        guard !folder.before.contains(folder.tree) else { return [] }
        // One that was met before is gone through again: it was compared with other parents then, and what those have in
        // it may be new in this commit.
        _ = note(folder.tree)
        let tree = try repository.tree(of: folder.tree)
        defer { git_tree_free(tree) }
        var before: [OpaquePointer] = []
        defer { for tree in before { git_tree_free(tree) } }
        for id in folder.before { before.append(try repository.tree(of: id)) }
        var below: [Folder] = []
        for position in 0..<git_tree_entrycount(tree) {
            guard let entry = git_tree_entry_byindex(tree, position), let id = Self.id(git_tree_entry_id(entry))
            else { continue }
            let counterparts = before.compactMap { git_tree_entry_byname($0, git_tree_entry_name(entry)) }
            guard !counterparts.contains(where: { Self.id(git_tree_entry_id($0)) == id }) else { continue }
            switch git_tree_entry_type(entry) {
            case GIT_OBJECT_TREE:
                let trees = counterparts.filter { git_tree_entry_type($0) == GIT_OBJECT_TREE }
                below.append(Folder(tree: id, before: trees.compactMap { Self.id(git_tree_entry_id($0)) }))
            case GIT_OBJECT_BLOB: _ = note(id)
            // A submodule's commit is an object of another repository.
            default: continue
            }
        }
        return below
    }

    /// False when it was met before.
    private mutating func note(_ id: ObjectID) -> Bool {
        guard known.insert(id).inserted else { return false }
        ids.append(id)
        return true
    }

    private static func presentTree(
        of commit: ObjectID, in repository: borrowing GitRepository
    ) throws(GitError) -> ObjectID? {
        do throws(GitError) {
            return try repository.treeID(of: commit)
        } catch  where error.code == .notFound {
            return nil
        }
    }

    private static func id(_ oid: UnsafePointer<git_oid>?) -> ObjectID? { oid.map { ObjectID($0.pointee) } }
}
