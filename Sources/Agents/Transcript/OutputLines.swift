/// The two channels of a process, cut into lines.
struct OutputLines: Sendable {
    /// Enough for an image in a tool result; what is longer is passed over.
    static let maximumBytes = 16 * 1024 * 1024
    static let plainBytes = 16 * 1024

    var stdout = LineSplitter(limit: maximumBytes, oversize: .headOnly)
    var stderr = LineSplitter(limit: plainBytes, oversize: .inPieces)
}
