extension RedactionScanner {
    private static let longestName = 64

    private static let headers: Set<String> = [
        "authorization", "proxy_authorization", "private_token", "job_token", "deploy_token", "x_api_key",
        "x_auth_token", "x_goog_api_key", "x_gitlab_token", "x_amz_security_token", "x_vault_token", "cookie",
        "set_cookie",
    ]

    private static let endings = [
        "password", "passwd", "passphrase", "token", "secret", "secret_key", "api_key", "apikey", "access_key",
        "private_key", "client_secret", "x_amz_signature",
    ]

    /// The value behind a header name or a name such as `password`, and the token behind `Bearer` or `Basic`.
    func namedSecret(at start: Int) -> Range<Int>? {
        guard isNameStart(start) else { return nil }
        let name = bytes[start...].prefix(Self.longestName + 1).prefix(while: Self.isNameByte)
        guard name.count >= 5, name.count <= Self.longestName else { return nil }
        let separator = skipBlanks(from: skipQuote(from: name.endIndex))
        guard separator < bytes.count else { return nil }
        switch bytes[separator] {
        case UInt8(ascii: ":"), UInt8(ascii: "="): return value(of: name, separator: separator)
        default: return bearer(name)
        }
    }

    private func value(of name: ArraySlice<UInt8>, separator: Int) -> Range<Int>? {
        let folded = String(decoding: name, as: UTF8.self).lowercased().replacing("-", with: "_")
        let isHeader = Self.headers.contains(folded)
        guard isHeader || Self.endings.contains(where: folded.hasSuffix) else { return nil }
        let isAssignment = bytes[separator] == UInt8(ascii: "=")
        let isQuoted = separator > name.endIndex && !Self.isBlank(bytes[name.endIndex])
        // "unexpected token: x" is prose.
        if !isHeader, !isAssignment, !isQuoted, folded == "token" || folded == "secret" { return nil }
        let start = skipBlanks(from: separator + 1)
        let inside = skipQuote(from: start)
        let rest = bytes[inside...]
        let end: Int
        if isHeader || inside > start {
            end = rest.firstIndex(where: Self.endsQuotedValue) ?? bytes.endIndex
        } else {
            end = rest.firstIndex(where: Self.endsPlainValue) ?? bytes.endIndex
        }
        return inside < end ? inside..<end : nil
    }

    private func bearer(_ name: ArraySlice<UInt8>) -> Range<Int>? {
        let folded = name.map { $0 | 0x20 }
        guard folded == Array("bearer".utf8) || folded == Array("basic".utf8) else { return nil }
        let start = skipBlanks(from: name.endIndex)
        // A folder called "basic" is no scheme: a token stands apart from its scheme.
        guard start > name.endIndex else { return nil }
        let token = bytes[start...].prefix {
            CredentialShape.isAlphanumeric($0) || "._~+/=-".utf8.contains($0)
        }
        let isRandom = token.contains { CredentialShape.isDigit($0) || $0 == UInt8(ascii: "=") }
        return token.count >= 16 && isRandom ? token.startIndex..<token.endIndex : nil
    }

    private func isNameStart(_ index: Int) -> Bool {
        guard index > 0, Self.isNameByte(bytes[index - 1]) else { return true }
        // `--password=x`, and an escape such as `\n` in quoted text.
        if CredentialShape.isAlphanumeric(bytes[index - 1]) { return CredentialShape.isWordStart(bytes[...], index) }
        return bytes[index - 1] == UInt8(ascii: "-")
            && (index == 1 || !Self.isNameByte(bytes[index - 2]) || bytes[index - 2] == UInt8(ascii: "-"))
    }

    /// Passes one quotation mark, also an escaped one.
    private func skipQuote(from index: Int) -> Int {
        let mark = index < bytes.count && bytes[index] == UInt8(ascii: "\\") ? index + 1 : index
        return mark < bytes.count && Self.isQuote(bytes[mark]) ? mark + 1 : index
    }

    private func skipBlanks(from index: Int) -> Int {
        bytes[index...].firstIndex { !Self.isBlank($0) } ?? bytes.endIndex
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    private static func isQuote(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
    }

    /// The end of a line, of a quotation, or an escape in one.
    private static func endsQuotedValue(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\\") || isQuote(byte)
    }

    private static func endsPlainValue(_ byte: UInt8) -> Bool {
        byte <= 0x20 || endsQuotedValue(byte) || "&,;)]}".utf8.contains(byte)
    }
}
