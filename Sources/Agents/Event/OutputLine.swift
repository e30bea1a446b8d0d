/// A line of plain text, without its line end, with replacement characters where it was not UTF-8.
package struct OutputLine: Sendable, Hashable, Codable {
    package var text: String
    package var channel: OutputChannel

    package init(text: String, channel: OutputChannel = .stdout) {
        self.text = text
        self.channel = channel
    }
}
