/// Finds a password in a message, and leaves the words alone that only look like it.
struct PasswordInText {
    let password: String

    /// Whether no message has it by chance. A word of letters can be one of the message's own, unless it is very long.
    private var isUnmistakable: Bool {
        password.utf8.count >= 16 || (password.utf8.count >= 6 && !password.allSatisfy(\.isLetter))
    }

    /// One that can be an ordinary word goes only where it stands as a value.
    func redacted(from message: String) -> String {
        guard !password.allSatisfy(\.isWhitespace) else { return message }
        guard !isUnmistakable else { return message.replacing(password, with: "***") }
        var (redacted, rest) = ("", message[...])
        while let found = rest.firstRange(of: password) {
            let before = message[..<found.lowerBound].last
            let isValue = Self.begins(before) && Self.ends(message[found.upperBound...].first)
            redacted += rest[..<found.lowerBound] + (isValue ? "***" : rest[found])
            rest = rest[found.upperBound...]
        }
        return redacted + rest
    }

    /// Behind a quotation mark, as in `password=x`, or as in `user:x@host`.
    private static func begins(_ character: Character?) -> Bool {
        character.map { "\"'=:".contains($0) } ?? false
    }

    private static func ends(_ character: Character?) -> Bool {
        character.map { "\"'@&;,)".contains($0) || $0.isWhitespace } ?? true
    }
}
