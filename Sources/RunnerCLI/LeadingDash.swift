import ArgumentParser

/// A text that begins with a dash, as the first line of a list does, and was read as an option.
enum LeadingDash {
    /// Nil where `message`, of the reader of the command line, would be the same without the dashes.
    ///
    /// It tells of such a word as of an unknown option, or leaves it out and misses what it should have been.
    static func failure(in arguments: [String], message: String) -> Failure? {
        let places = arguments.indices.filter { index in
            // The word behind an option is its value, which may begin as it likes.
            isText(arguments[index]) && (index == 0 || !arguments[index - 1].hasPrefix("-"))
        }
        guard !places.isEmpty else { return nil }
        var plain = arguments
        for place in places { plain[place] = "text" }
        do {
            _ = try RunnerCommand.parseAsRoot(plain)
        } catch {
            guard RunnerCommand.fullMessage(for: error) != message else { return nil }
        }
        return Failure(
            .usage, "a text that begins with \"-\" is read as an option",
            hint: "put it at the end, behind --, as in: runner start . --workflow script -- \"- fix it\"")
    }

    /// Whether a word looks like an option but for the spaces before any `=` in it.
    private static func isText(_ word: String) -> Bool {
        word.hasPrefix("-") && word.prefix { $0 != "=" }.contains(where: \.isWhitespace)
    }
}
