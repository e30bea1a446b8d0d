import RunnerCore

/// Builds the one sentence that tells a person why an agent, or a script, failed.
package enum FailureReason {
    private static let maximumBytes = 600

    /// `agent: phrase (detail): text`, in one line; `text` is left out where it says nothing new.
    static func sentence(agent: String, phrase: String, detail: String? = nil, text: String? = nil) -> String {
        var sentence = "\(agent): \(phrase)"
        if let detail, !detail.isEmpty { sentence += " (\(detail))" }
        if let text = text.map(oneLine), !text.isEmpty { sentence += ": \(text)" }
        return sentence.keepingHead(bytes: maximumBytes)
    }

    /// `phrase: words`, the last line of a script's output that is not blank, in one line and without credentials.
    package static func sentence(_ phrase: String, lastLineOf output: [UInt8]) -> String {
        let lines = output.split(separator: UInt8(ascii: "\n")).reversed().lazy
            .map { oneLine(String(decoding: $0, as: UTF8.self)) }
        guard let last = lines.first(where: { !$0.isEmpty }) else { return phrase }
        return "\(phrase): \(Redaction.redactCredentials(in: last))".keepingHead(bytes: maximumBytes)
    }

    private static func oneLine(_ text: String) -> String {
        let lines = text.split { $0 == "\n" || $0 == "\r\n" }.map { String($0).asShown }
        return lines.joined(separator: "\n").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
