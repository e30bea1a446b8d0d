import CLibgit2
import Glibc

/// Differences between two commits or trees, with renames detected.
package enum Diff {
    /// Lists the changed files with their line counts; `from` nil means the empty tree.
    package static func between(
        _ repository: borrowing GitRepository, from: ObjectID?, to: ObjectID
    ) throws(GitError) -> DiffSummary {
        let diff = try make(repository, from: from, to: to, showsBinary: false)
        defer { git_diff_free(diff) }
        var files: [DiffSummary.File] = []
        for position in 0..<git_diff_num_deltas(diff) {
            if let file = try file(at: position, of: diff) { files.append(file) }
        }
        return DiffSummary(files: files)
    }

    /// The differences as one patch that `git apply` takes, byte for byte; `from` nil means the empty tree.
    ///
    /// With `binary`, binary files are in it whole (for `git apply --binary`), else only their names are.
    package static func patch(
        _ repository: borrowing GitRepository, from: ObjectID?, to: ObjectID, binary: Bool = true
    ) throws(GitError) -> [UInt8] {
        let diff = try make(repository, from: from, to: to, showsBinary: binary)
        defer { git_diff_free(diff) }
        var buffer = git_buf()
        defer { git_buf_dispose(&buffer) }
        try git("write a patch") { git_diff_to_buf(&buffer, diff, GIT_DIFF_FORMAT_PATCH) }
        return Array(UnsafeRawBufferPointer(start: buffer.ptr, count: buffer.size))
    }

    /// The paths that differ, the old ones of what was renamed too, in no order.
    package static func paths(
        _ repository: borrowing GitRepository, from: ObjectID?, to: ObjectID
    ) throws(GitError) -> [BytePath] {
        let diff = try make(repository, from: from, to: to, showsBinary: false)
        defer { git_diff_free(diff) }
        return (0..<git_diff_num_deltas(diff)).flatMap { position in
            let delta = git_diff_get_delta(diff, position)?.pointee
            return [delta?.old_file.path, delta?.new_file.path].compactMap { bytes($0).map { BytePath($0) } }
        }
    }

    private static func make(
        _ repository: borrowing GitRepository, from: ObjectID?, to: ObjectID, showsBinary: Bool
    ) throws(GitError) -> OpaquePointer {
        let old = try from.map { (id) throws(GitError) in try repository.tree(of: id) }
        defer { if let old { git_tree_free(old) } }
        let new = try repository.tree(of: to)
        defer { git_tree_free(new) }
        var options = git_diff_options()
        try git("prepare a diff") { git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION)) }
        options.flags |= GIT_DIFF_INCLUDE_TYPECHANGE.rawValue
        if showsBinary { options.flags |= GIT_DIFF_SHOW_BINARY.rawValue }
        // Full object names, because a binary patch applies only with them.
        options.id_abbrev = 40
        let diff = try gitPointer("compare \(from?.short ?? "nothing") with \(to.short)") {
            git_diff_tree_to_tree(&$0, repository.pointer, old, new, &options)
        }
        do throws(GitError) {
            var find = git_diff_find_options()
            try git("prepare a diff") { git_diff_find_options_init(&find, UInt32(GIT_DIFF_FIND_OPTIONS_VERSION)) }
            find.flags = GIT_DIFF_FIND_RENAMES.rawValue
            try git("find renames") { git_diff_find_similar(diff, &find) }
        } catch {
            git_diff_free(diff)
            throw error
        }
        return diff
    }

    private static func file(at position: Int, of diff: OpaquePointer) throws(GitError) -> DiffSummary.File? {
        var patch: OpaquePointer?
        try git("read a diff") { git_patch_from_diff(&patch, diff, position) }
        defer { git_patch_free(patch) }
        // Only after the patch was made does the delta know whether the content is binary.
        guard let delta = git_diff_get_delta(diff, position)?.pointee, let status = status(delta.status) else {
            return nil
        }
        var (insertions, deletions) = (0, 0)
        if let patch { try git("count lines") { git_patch_line_stats(nil, &insertions, &deletions, patch) } }
        let path = delta.new_file.path ?? delta.old_file.path
        let isMoved = status == .renamed || status == .copied
        return DiffSummary.File(
            pathBytes: bytes(path) ?? [], oldPathBytes: isMoved ? bytes(delta.old_file.path) : nil, status: status,
            insertions: insertions, deletions: deletions,
            isBinary: delta.flags & GIT_DIFF_FLAG_BINARY.rawValue != 0)
    }

    private static func status(_ status: git_delta_t) -> DiffSummary.File.Status? {
        switch status {
        case GIT_DELTA_ADDED: .added
        case GIT_DELTA_DELETED: .deleted
        case GIT_DELTA_MODIFIED: .modified
        case GIT_DELTA_RENAMED: .renamed
        case GIT_DELTA_COPIED: .copied
        case GIT_DELTA_TYPECHANGE: .typeChanged
        default: nil
        }
    }

    private static func bytes(_ path: UnsafePointer<CChar>?) -> [UInt8]? {
        path.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }
}
