/// A text that begins with a dash, as the first line of a list does, and was read as an option.
enum LeadingDash {
    /// Nil where `message`, of the reader of the command line, is about something else.
    static func failure(in arguments: [String], message: String) -> Failure? {
        let text = arguments.first { word in
            word.hasPrefix("-") && word.contains(where: \.isWhitespace) && message.contains("'\(word)'")
        }
        guard text != nil, message.contains("Unknown option") else { return nil }
        return Failure(
            .usage, "a text that begins with \"-\" is read as an option",
            hint: "put it at the end, behind --, as in: runner start . --workflow script -- \"- fix it\"")
    }
}
