/// Builds the one sentence that tells a person why an agent failed.
enum FailureReason {
    private static let maximumBytes = 600

    /// `agent: phrase (detail): text`, in one line; `text` is left out where it says nothing new.
    static func sentence(agent: String, phrase: String, detail: String? = nil, text: String? = nil) -> String {
        var sentence = "\(agent): \(phrase)"
        if let detail, !detail.isEmpty { sentence += " (\(detail))" }
        if let text = text.map(oneLine), !text.isEmpty { sentence += ": \(text)" }
        return sentence.keepingHead(bytes: maximumBytes)
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
