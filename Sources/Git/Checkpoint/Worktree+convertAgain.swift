import CLibgit2
import CPlatform
import Glibc

extension Worktree {
    /// Writes those files anew that libgit2's checkout brought from `baseline` to `target` and that have attributes
    /// which it does not know as `git` does, as encodings.
    func convertAgain(_ target: ObjectID, since baseline: ObjectID) throws(GitError) {
        // One of its own: it gets an index that holds nothing but attributes.
        let repository = try open()
        let plan = try CheckoutPlan(repository, commit: target)
        // As a checkout does: the hub's own attributes file reaches every path.
        let hasOwn = access(hub.path + "/info/attributes", F_OK) == 0
        guard hasOwn || plan.folders.contains(where: \.hasAttributes) else { return }
        let attributes = try CheckoutAttributes(repository, plan: plan)
        var blobs = try BlobReader(repository)
        let root = runner_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard root >= 0 else { throw .system("open the directory '\(path)'", errno: errno) }
        defer { close(root) }
        var written: [[UInt8]] = []
        for (name, id) in try repository.files(of: target, since: baseline) {
            let conversion = try withCName(name) { name in
                Result { () throws(GitError) in try attributes.conversion(name) }
            }.get()
            guard !conversion.isIdentity else { continue }
            let content = try blobs.read(id.oid) { (content) throws(GitError) in
                conversion.apply(content, id: id.oid) ?? Array(content)
            }
            try write(content, to: name, in: root)
            written.append(name)
        }
        if !written.isEmpty { try describe(written, in: root) }
    }

    /// Gives the index the facts of rewritten files: a file of another size than it says is changed to `git`.
    func describe(_ names: [[UInt8]], in root: Int32) throws(GitError) {
        let repository = try open()
        let index = try gitPointer("open the index") { git_repository_index(&$0, repository.pointer) }
        defer { git_index_free(index) }
        for name in names {
            var status = stat()
            guard withCName(name, { fstatat(root, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0,
                let known = withCName(name, { git_index_get_bypath(index, $0, 0) })?.pointee
            else { continue }
            var entry = IndexStat.entry(status, mode: known.mode, id: known.id)
            try git("describe '\(BytePath(name))'") {
                withCName(name) { name in
                    entry.path = name
                    return git_index_add(index, &entry)
                }
            }
        }
        try StaleLock.retrying(adminPath + "/index.lock") { () throws(GitError) in
            try git("write the index") { git_index_write(index) }
        }
    }

    private func write(_ content: [UInt8], to name: [UInt8], in root: Int32) throws(GitError) {
        let parent = BytePath(name).parent
        let folder = parent.isEmpty ? root : withCName(parent.bytes) { runner_open_beneath(root, $0) }
        guard folder >= 0 else { throw .system("open the folder '\(parent)'", errno: errno) }
        defer { if folder != root { close(folder) } }
        let file = withCName(BytePath(name).name) {
            runner_openat(folder, $0, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)
        }
        guard file >= 0 else { throw .system("write '\(BytePath(name))'", errno: errno) }
        defer { close(file) }
        var rest = content[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { throw .system("write '\(BytePath(name))'", errno: errno) }
            rest = rest.dropFirst(max(0, count))
        }
    }
}

extension GitRepository {
    /// The regular files that `target` has and `baseline` has not, or has otherwise.
    fileprivate func files(
        of target: ObjectID, since baseline: ObjectID
    ) throws(GitError) -> [(path: [UInt8], id: ObjectID)] {
        let new = try tree(of: target)
        defer { git_tree_free(new) }
        let old = try tree(of: baseline)
        defer { git_tree_free(old) }
        let diff = try gitPointer("compare \(baseline.short) with \(target.short)") {
            git_diff_tree_to_tree(&$0, pointer, old, new, nil)
        }
        defer { git_diff_free(diff) }
        return (0..<git_diff_num_deltas(diff)).compactMap { position in
            guard let file = git_diff_get_delta(diff, position)?.pointee.new_file, let path = file.path,
                file.mode & 0o170000 == 0o100000
            else { return nil }
            return (Array(UnsafeRawBufferPointer(start: path, count: strlen(path))), ObjectID(file.id))
        }
    }
}
