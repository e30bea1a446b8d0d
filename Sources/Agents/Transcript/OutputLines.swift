/// The two channels of a process, cut into lines.
struct OutputLines: Sendable {
    /// Enough for an image in a tool result; what is longer is passed over.
    static let maximumBytes = 16 * 1024 * 1024
    static let plainBytes = 16 * 1024

    /// How many events the last piece had.
    var usualEvents = 0
    private var stdout = splitter(.stdout)
    private var stderr = splitter(.stderr)

    /// Gives the splitter of `channel` away; `give` puts it back.
    mutating func take(_ channel: OutputChannel) -> LineSplitter {
        var taken = Self.splitter(channel)
        switch channel {
        case .stdout: swap(&stdout, &taken)
        case .stderr: swap(&stderr, &taken)
        }
        return taken
    }

    mutating func give(_ splitter: LineSplitter, to channel: OutputChannel) {
        switch channel {
        case .stdout: stdout = splitter
        case .stderr: stderr = splitter
        }
    }

    private static func splitter(_ channel: OutputChannel) -> LineSplitter {
        switch channel {
        case .stdout: LineSplitter(limit: maximumBytes, oversize: .headOnly)
        case .stderr: LineSplitter(limit: plainBytes, oversize: .inPieces)
        }
    }
}
