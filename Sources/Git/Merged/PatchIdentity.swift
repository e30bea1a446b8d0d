/// What two patches have in common when they make the same change, wherever they apply.
struct PatchIdentity: Hashable {
    /// The patch id of libgit2, which line numbers and white space do not change.
    let patch: ObjectID
    /// Contents that have no lines: path, old and new id of each binary file.
    let binaries: [[UInt8]]
}
