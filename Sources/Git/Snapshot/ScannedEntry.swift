/// One path found on disk.
struct ScannedEntry {
    var path: BytePath
    var facts: FileFacts
    /// Why a directory could not be looked into; nil when it was.
    var problem: String?
    /// What else of a directory is not saved.
    var notice: String?
}
