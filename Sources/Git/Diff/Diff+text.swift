import CLibgit2

extension Diff {
    /// The differences between two texts as a unified diff; empty when they are equal.
    ///
    /// The names stand in the header only.
    package static func text(
        from old: [UInt8], named oldName: String, to new: [UInt8], named newName: String
    ) throws(GitError) -> [UInt8] {
        try GitLibrary.start()
        guard old != new else { return [] }
        var options = git_diff_options()
        try git("prepare a diff") { git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION)) }
        options.flags |= GIT_DIFF_FORCE_TEXT.rawValue
        let patch = try gitPointer("compare two texts") { pointer in
            old.withUnsafeBytes { old in
                new.withUnsafeBytes { new in
                    git_patch_from_buffers(
                        &pointer, old.baseAddress, old.count, "a", new.baseAddress, new.count, "b", &options)
                }
            }
        }
        defer { git_patch_free(patch) }
        var buffer = git_buf()
        defer { git_buf_dispose(&buffer) }
        try git("write a patch") { git_patch_to_buf(&buffer, patch) }
        // The header names paths that are none; its lines before the first hunk are ours.
        let bytes = Array(UnsafeRawBufferPointer(start: buffer.ptr, count: buffer.size))
        let lines = bytes.split(separator: 10, maxSplits: Int.max, omittingEmptySubsequences: false)
        guard let hunk = lines.firstIndex(where: { $0.starts(with: Array("@@ ".utf8)) }) else { return bytes }
        return Array("--- \(oldName)\n+++ \(newName)\n".utf8) + Array(lines[hunk...].joined(separator: [10]))
    }
}
