/// Walks over text once and copies everything but the secrets.
struct RedactionScanner {
    let bytes: [UInt8]
    private var index = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func redacted() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        while index < bytes.count {
            if let secret = secret(at: index) {
                output += bytes[index..<secret.lowerBound]
                output += Redaction.mark.utf8
                index = secret.upperBound
            } else {
                output.append(bytes[index])
                index += 1
            }
        }
        return output
    }

    /// The secret that the text at `start` is or introduces; it never starts before `start`, and is never empty.
    private func secret(at start: Int) -> Range<Int>? {
        switch bytes[start] {
        case UInt8(ascii: ":"): return userInformation(at: start)
        case UInt8(ascii: "-"): return privateKey(at: start)
        case let byte where Self.isNameByte(byte):
            if let end = CredentialShape.tokenEnd(in: bytes[...], from: start) { return start..<end }
            return namedSecret(at: start)
        default: return nil
        }
    }

    /// What stands between `://` and the `@` before a host, also where JSON wrote the slashes as `\/`.
    private func userInformation(at colon: Int) -> Range<Int>? {
        guard let separator = Self.separators.first(where: { bytes[colon...].starts(with: $0) }) else { return nil }
        let start = colon + separator.count
        let run = bytes[start...].prefix(Self.longestURL).prefix { !Self.endsURL($0) }
        let authority = run.prefix { !"/?#\\".utf8.contains($0) }
        var at = authority.lastIndex(of: UInt8(ascii: "@"))
        if at == nil, Self.mayHoldPassword(authority) {
            // A password with an unencoded slash, or a question mark.
            at = run.lastIndex(of: UInt8(ascii: "@"))
        }
        guard let at, at > start else { return nil }
        let user = bytes[start..<at]
        let isSecret =
            isWebScheme(before: colon) || user.contains { ":%".utf8.contains($0) }
            || CredentialShape.isTokenLike(String(decoding: user, as: UTF8.self))
        return isSecret ? start..<at : nil
    }

    private static let separators = ["://", ":\\/\\/"].map { Array($0.utf8) }

    /// A bound on looking ahead, so that hostile text costs linear time.
    private static let longestURL = 2048

    private static func endsURL(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "<")
            || byte == UInt8(ascii: ">")
    }

    /// True for `user:p` as opposed to `host`, `host:443` and `[::1]`.
    private static func mayHoldPassword(_ authority: ArraySlice<UInt8>) -> Bool {
        guard authority.first != UInt8(ascii: "["), let colon = authority.firstIndex(of: UInt8(ascii: ":")) else {
            return false
        }
        return !authority[(colon + 1)...].allSatisfy(CredentialShape.isDigit)
    }

    /// For the web a user name alone is often the token itself.
    private func isWebScheme(before colon: Int) -> Bool {
        let scheme = bytes[..<colon].suffix(5).map { $0 | 0x20 }
        return scheme == Array("https".utf8) || scheme.suffix(4) == Array("http".utf8)[...]
    }

    /// The body of a PEM block with a private key, up to its end line or the end of the text.
    private func privateKey(at start: Int) -> Range<Int>? {
        let rest = bytes[start...]
        guard rest.starts(with: "-----BEGIN ".utf8) else { return nil }
        let title = rest.dropFirst(11).prefix(64).prefix { $0 != UInt8(ascii: "-") }
        guard title.suffix(11).elementsEqual("PRIVATE KEY".utf8) else { return nil }
        var end = title.endIndex
        while end < bytes.count, !bytes[end...].starts(with: "-----END".utf8) { end += 1 }
        let body = min(title.endIndex + 5, end)
        return body < end ? body..<end : nil
    }

    static func isNameByte(_ byte: UInt8) -> Bool {
        CredentialShape.isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
}
