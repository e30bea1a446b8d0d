import CLibgit2
import Glibc

extension Hub {
    /// Takes away the contents of large files that no object of the hub points to and that were not wanted for `age`
    /// seconds; returns the bytes that it freed.
    ///
    /// For right after git's own `prune`: a pointer that is still there counts, whatever reaches it. What goes is put
    /// aside first and looked for once more, so that a pointer that is written meanwhile keeps its content; a run that
    /// is cut off is gone on with by the next.
    @discardableResult
    package func pruneLargeFiles(age: Int) throws(GitError) -> Int {
        guard let store = largeFiles else { return 0 }
        let old = try store.hashes(unusedFor: age)
        if !old.isEmpty {
            let wanted = try largeFilesPointedTo()
            for hash in old where !wanted.contains(hash) { try store.putAside(hash) }
        }
        let aside = try store.hashesAside
        guard !aside.isEmpty else { return 0 }
        let wanted = try largeFilesPointedTo()
        var freed = 0
        for hash in aside {
            if wanted.contains(hash) || store.wasUsed(hash, within: age) {
                try store.putBack(hash)
            } else {
                freed += try store.dropAside(hash)
            }
        }
        return freed
    }

    /// The hashes in all blobs of the hub that look like pointers, also such as this program does not write.
    private func largeFilesPointedTo() throws(GitError) -> Set<String> {
        let repository = try open()
        let odb = try gitPointer("open the objects of '\(path)'") { git_repository_odb(&$0, repository.pointer) }
        defer { git_odb_free(odb) }
        var search = PointerSearch(odb: odb)
        try git("list the objects of '\(path)'") {
            withUnsafeMutablePointer(to: &search) { search in
                git_odb_foreach(
                    odb,
                    { id, search in
                        guard let id, let search else { return GIT_EUSER.rawValue }
                        search.assumingMemoryBound(to: PointerSearch.self).pointee.look(at: id)
                        return 0
                    }, search)
            }
        }
        // One that cannot be read may be a pointer.
        guard search.isComplete else {
            throw GitError(code: .generic, operation: "read the objects of '\(path)'", message: "one is damaged")
        }
        return search.found
    }
}
