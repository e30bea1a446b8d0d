import CLibgit2

/// `$Id$` as `git` has it, in libgit2's filter of that name.
///
/// libgit2's own takes everything from the first `$Id` of a file up to the next `$`, over lines, for a keyword and cuts
/// it out of what is committed (1.5). So its filter, which cannot be taken away, gets our rules for both ways.
enum IdentFilter {
    /// For once, before any thread filters.
    static func install() throws(GitError) {
        guard let filter = git_filter_lookup("ident") else {
            throw GitError(code: .notFound, operation: "start libgit2", message: "it has no filter for ident")
        }
        filter.pointee.stream = nil
        filter.pointee.apply = { _, _, result, content, source in
            guard let result, let content, let source else { return GIT_PASSTHROUGH.rawValue }
            let bytes = UnsafeRawBufferPointer(start: content.pointee.ptr, count: content.pointee.size)
            var changed: [UInt8]?
            if git_filter_source_mode(source) == GIT_FILTER_TO_ODB {
                changed = ContentConversion.contractIdent(bytes)
            } else if let id = git_filter_source_id(source) {
                changed = ContentConversion.expandIdent(bytes, id.pointee)
            }
            guard let changed else { return GIT_PASSTHROUGH.rawValue }
            return git_buf_set(result, changed, changed.count)
        }
    }
}
