package import Git

/// Deletes one recorded directory and nothing else, whatever happens to the file system meanwhile.
package enum DirectoryRemoval {
    /// Deletes the directory at `path` with all that is in it; none there is fine.
    ///
    /// `path` is walked from `root` by descriptors: a link, another mount, or a directory that is not `expected` on the
    /// way stops it before anything is touched. An interrupted removal is finished by the next call. Read-only
    /// directories are made writable first. What cannot go (a mount inside, an immutable file) stays, everything else
    /// goes, and the cause is thrown. Blocks as long as it takes.
    package static func remove(_ path: String, expected: DirectoryIdentity, beneath root: String) throws(GitError) {
        let place: DirectoryPlace
        do throws(GitError) {
            place = try DirectoryPlace(path, beneath: root)
        } catch  where error.code == .notFound {
            return
        }
        try TreeRemoval.remove(
            place.name, in: place.parent, expected: (device: expected.device, inode: expected.inode))
    }
}
