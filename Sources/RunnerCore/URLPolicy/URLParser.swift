/// Takes a repository URL apart in the order of the policy; the first offence names the reason.
enum URLParser {
    static let maximumLength = 2048

    static func parse(_ input: String) throws(URLRefusal) -> ParsedURL {
        let text = try trimmedAndChecked(input)
        if text.hasPrefix("/") { return try parseLocalPath(text) }
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        guard let colon = text.firstIndex(of: ":"), colon < slash else { throw .relativePath }
        let word = text[..<colon]
        let rest = text[text.index(after: colon)...]
        let isSchemeShaped = !word.contains { $0 == "@" || $0 == "[" }
        if isSchemeShaped, rest.hasPrefix("//") {
            guard let scheme = ParsedURL.Scheme(rawValue: word.lowercased()) else { throw .unsupportedScheme }
            return try parseURL(scheme, rest.dropFirst(2))
        }
        if isSchemeShaped { try checkSchemeWord(word, rest) }
        return try ScpParser.parse(text)
    }

    /// Everything that is judged on the text as a whole.
    private static func trimmedAndChecked(_ input: String) throws(URLRefusal) -> Substring {
        let space = UInt8(ascii: " ")
        let bytes = input.utf8.drop { $0 == space }
        guard let end = bytes.lastIndex(where: { $0 != space }) else { throw .empty }
        let text = Substring(bytes[...end])
        guard text.utf8.count <= maximumLength else { throw .tooLong }
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { throw .controlCharacter }
        if text.utf8.contains(where: { $0 > 0x7F }) { throw .nonASCII }
        if text.hasPrefix("-") { throw .optionInjection }
        if namesTransportHelper(text) { throw .transportHelper }
        if text.utf8.contains(where: { $0 == space || $0 == UInt8(ascii: "\\") }) { throw .badCharacter }
        return text
    }

    /// Git runs `git-remote-<word>` for `<word>::<anything>`.
    private static func namesTransportHelper(_ text: Substring) -> Bool {
        let rest = text.utf8.drop { CredentialShape.isAlphanumeric($0) || "+-._".utf8.contains($0) }
        return rest.starts(with: "::".utf8)
    }

    /// Refuses what the scp-like form would misread: a drive letter, and a scheme that lost its slashes.
    private static func checkSchemeWord(_ word: Substring, _ rest: Substring) throws(URLRefusal) {
        if word.utf8.count == 1, word.utf8.allSatisfy(CredentialShape.isAlphanumeric) { throw .relativePath }
        switch ParsedURL.Scheme(rawValue: word.lowercased()) {
        case .https, .http, .ssh, .file: throw .emptyHost
        // `git:owner/name` can be an SSH alias.
        case .git: if rest.hasPrefix("/") { throw .emptyHost }
        case nil: break
        }
    }

    private static func parseLocalPath(_ text: Substring) throws(URLRefusal) -> ParsedURL {
        let path = try URLPath(text)
        // Git takes a percent sign in a plain path literally, and in file:// as an escape.
        if text.contains("%") { throw .badPathCharacter }
        return ParsedURL(form: .url(.file), user: nil, host: nil, port: nil, path: path)
    }

    private static func parseURL(_ scheme: ParsedURL.Scheme, _ text: Substring) throws(URLRefusal) -> ParsedURL {
        let end = text.firstIndex { "/?#".contains($0) } ?? text.endIndex
        let authority = text[..<end]
        if scheme == .file {
            guard authority.isEmpty || authority.lowercased() == "localhost" else {
                throw authority.contains("@") ? try credentialRefusal(authority) : .localHost
            }
            return ParsedURL(form: .url(scheme), user: nil, host: nil, port: nil, path: try URLPath(text[end...]))
        }
        let (user, hostAndPort) = try splitUser(authority)
        let (host, port) = try parseHost(hostAndPort, defaultPort: scheme.defaultPort)
        let path = try URLPath(text[end...], lonelyDash: host.lonelyDash)
        return ParsedURL(
            form: .url(scheme), user: scheme == .ssh ? user : nil, host: host, port: port, path: path)
    }

    /// Splits at the last `@` and checks what stands before it.
    static func splitUser(_ authority: Substring) throws(URLRefusal) -> (user: String?, rest: Substring) {
        guard let at = authority.lastIndex(of: "@") else { return (nil, authority) }
        let user = authority[..<at]
        guard !user.isEmpty else { throw .badUser }
        if user.contains(":") || CredentialShape.isTokenLike(user) { throw .credentials }
        if user.hasPrefix("-") { throw .optionInjection }
        // No dot: `github.com@evil.example.com` shows one host and reaches another.
        guard user.utf8.allSatisfy({ CredentialShape.isAlphanumeric($0) || "-_".utf8.contains($0) }) else {
            throw .badUser
        }
        return (String(user), authority[authority.index(after: at)...])
    }

    private static func credentialRefusal(_ authority: Substring) throws(URLRefusal) -> URLRefusal {
        _ = try splitUser(authority)
        return .localHost
    }

    private static func parseHost(
        _ text: Substring, defaultPort: Int?
    ) throws(URLRefusal) -> (host: URLHost, port: Int?) {
        let host: URLHost
        let rest: Substring
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { throw .badHost }
            host = try URLHost(bracketed: text[text.index(after: text.startIndex)..<close])
            rest = text[text.index(after: close)...]
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            rest = text[colon...]
            // An IPv6 address without brackets has no port that could be told apart.
            if colon > text.startIndex, rest.dropFirst().contains(":") { throw .badHost }
            host = try URLHost(text[..<colon])
        }
        guard !rest.isEmpty else { return (host, nil) }
        guard rest.hasPrefix(":") else { throw .badHost }
        let port = try parsePort(rest.dropFirst())
        return (host, port == defaultPort ? nil : port)
    }

    private static func parsePort(_ text: Substring) throws(URLRefusal) -> Int {
        guard text.utf8.count <= 5, text.utf8.allSatisfy(CredentialShape.isDigit), !text.hasPrefix("0"),
            let port = Int(text), port <= 65535
        else { throw .badPort }
        return port
    }
}
