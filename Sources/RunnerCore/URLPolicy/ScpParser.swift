/// Reads the scp-like form `[user@]host:path`, as git does: the first colon outside brackets ends the host.
enum ScpParser {
    /// `text` has a colon before its first slash, and no scheme.
    static func parse(_ text: Substring) throws(URLRefusal) -> ParsedURL {
        let (authority, pathText) = try split(text)
        // `user:password@host/path` is read as host `user`: whatever follows the colon may be a secret.
        let first = pathText.prefix { $0 != "/" }
        if first.contains("@") { throw .credentials }
        let (user, hostText) = try URLParser.splitUser(authority)
        let host: URLHost
        if hostText.hasPrefix("["), hostText.hasSuffix("]") {
            host = try URLHost(bracketed: hostText.dropFirst().dropLast())
        } else {
            host = try URLHost(hostText)
        }
        if !first.isEmpty, first.utf8.allSatisfy(CredentialShape.isDigit) { throw .scpPort }
        let path = try URLPath(pathText, lonelyDash: host.lonelyDash)
        return ParsedURL(form: .scp, user: user, host: host, port: nil, path: path)
    }

    private static func split(_ text: Substring) throws(URLRefusal) -> (authority: Substring, path: Substring) {
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        let bracket: String.Index?
        if text.hasPrefix("[") {
            bracket = text.startIndex
        } else {
            let host = text[..<colon].lastIndex(of: "@").map(text.index(after:))
            bracket = host.flatMap { text[$0...].hasPrefix("[") ? $0 : nil }
        }
        guard let bracket else { return (text[..<colon], text[colon...].dropFirst()) }
        guard let close = text[bracket...].firstIndex(of: "]") else { throw .badHost }
        let inside = text[bracket..<close]
        let rest = text[text.index(after: close)...]
        // Git would take `[host:port]:path`; only an IPv6 address is read the same way everywhere.
        guard rest.hasPrefix(":"), !inside.contains("@"), inside.count(where: { $0 == ":" }) >= 2 else {
            throw .scpBrackets
        }
        return (text[...close], rest.dropFirst())
    }
}
