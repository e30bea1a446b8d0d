import CLibgit2

extension GitRepository {
    /// The names of the regular files directly in the folder `path` of a commit's tree, in Git's order.
    ///
    /// Empty when there is no such folder; names that are not UTF-8 are left out.
    package func files(inFolder path: String, of commit: ObjectID) throws(GitError) -> [String] {
        let tree = try tree(of: commit)
        defer { git_tree_free(tree) }
        var entry: OpaquePointer?
        guard git_tree_entry_bypath(&entry, tree, path) == 0, let entry else {
            git_error_clear()
            return []
        }
        defer { git_tree_entry_free(entry) }
        guard git_tree_entry_type(entry) == GIT_OBJECT_TREE, var id = git_tree_entry_id(entry)?.pointee else {
            return []
        }
        let folder = try gitPointer("read '\(path)'") { git_tree_lookup(&$0, pointer, &id) }
        defer { git_tree_free(folder) }
        var names: [String] = []
        for position in 0..<git_tree_entrycount(folder) {
            guard let entry = git_tree_entry_byindex(folder, position), let name = git_tree_entry_name(entry) else {
                continue
            }
            let mode = git_tree_entry_filemode(entry)
            guard mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE else { continue }
            if let text = String(validatingCString: name) { names.append(text) }
        }
        return names
    }
}
