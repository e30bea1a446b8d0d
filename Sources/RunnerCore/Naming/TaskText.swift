/// Checks what a person writes as the title or the prompt of a task.
package enum TaskText {
    /// The most UTF-8 bytes in either.
    package static let maximumLength = 256 * 1024
    /// The most Unicode scalars in a title.
    private static let maximumTitle = 1000

    /// Why `title` cannot be used, in one sentence that does not repeat it; nil where it can.
    package static func validate(title: String) -> String? {
        if title.unicodeScalars.count > maximumTitle {
            return "the task's title is longer than \(maximumTitle) characters; put the details into the task's text"
        }
        return refusal(of: title, subject: "the task's title")
    }

    /// Why `prompt` cannot be used, in one sentence that does not repeat it; nil where it can.
    package static func validate(prompt: String) -> String? {
        refusal(of: prompt, subject: "the task's text")
    }

    private static func refusal(of text: String, subject: String) -> String? {
        if text.utf8.count > maximumLength { return "\(subject) is longer than 256 KiB; put the details into a file" }
        var showsSomething = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n", "\t", "\r": continue
            case "\u{202D}", "\u{202E}":
                return "\(subject) contains a character that reverses the text after it; remove it"
            default:
                if scalar.properties.generalCategory == .control {
                    return "\(subject) contains a control character; remove it"
                }
                if !showsSomething { showsSomething = scalar != " " && RefText.isPrinting(scalar) }
            }
        }
        return showsSomething ? nil : "\(subject) is empty; say what is to be done"
    }
}
