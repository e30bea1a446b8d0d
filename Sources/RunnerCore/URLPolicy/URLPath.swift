/// A repository path whose every segment was decoded once and found harmless.
struct URLPath: Hashable, Sendable {
    /// Decoded; never empty, none of them empty.
    let segments: [String]
    let isAbsolute: Bool

    /// Checks and decodes `text`, which is ASCII without control characters, spaces and backslashes.
    ///
    /// One trailing slash is dropped. The first offence names the reason.
    /// - Parameter lonelyDash: what a segment that is a dash alone, not at the front, is refused as.
    init(_ text: Substring, lonelyDash: URLRefusal = .optionInjection) throws(URLRefusal) {
        var rest = text
        isAbsolute = rest.hasPrefix("/")
        if isAbsolute { rest.removeFirst() }
        guard !rest.isEmpty else { throw .emptyPath }
        if rest.hasSuffix("/") { rest.removeLast() }
        var segments: [String] = []
        for raw in rest.split(separator: "/", omittingEmptySubsequences: false) {
            if raw == "-", !segments.isEmpty { throw lonelyDash }
            segments.append(try Self.segment(raw))
        }
        self.segments = segments
        try Self.checkName(segments.last.map(Self.withoutGitSuffix) ?? "")
    }

    /// The last segment, without one `.git` at its end.
    var name: String { segments.last.map(Self.withoutGitSuffix) ?? "" }

    /// All segments before the last.
    var owner: String? {
        segments.count > 1 ? segments.dropLast().joined(separator: "/") : nil
    }

    /// The one spelling: only what must be encoded is.
    var encoded: String {
        (isAbsolute ? "/" : "") + segments.map(Self.encode).joined(separator: "/")
    }

    private static func segment(_ raw: Substring) throws(URLRefusal) -> String {
        guard !raw.isEmpty else { throw .emptySegment }
        if raw.contains(where: { $0 == "?" || $0 == "#" }) { throw .queryOrFragment }
        let segment = try decode(raw)
        try checkName(segment)
        if !segment.utf8.allSatisfy(isAllowed) { throw .badPathCharacter }
        if segment.hasPrefix("-") { throw .optionInjection }
        if segment.hasPrefix(" ") || segment.hasSuffix(" ") { throw .badPathCharacter }
        if CredentialShape.containsToken(segment) { throw .credentials }
        return segment
    }

    private static func decode(_ raw: Substring) throws(URLRefusal) -> String {
        var decoded: [UInt8] = []
        var bytes = raw.utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = bytes.next().flatMap(hexValue), let low = bytes.next().flatMap(hexValue) else {
                throw .badPercent
            }
            decoded.append(try checkDecoded(high << 4 | low))
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func checkDecoded(_ byte: UInt8) throws(URLRefusal) -> UInt8 {
        switch byte {
        case 0..<0x20, 0x7F: throw .encodedControl
        case 0x80...: throw .encodedNonASCII
        case UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "%"): throw .encodedSeparator
        default: return byte
        }
    }

    /// Refuses `.`, `..` and `.git` in every spelling that a file system takes for them: NTFS ignores trailing dots
    /// and spaces and offers `GIT~1`.
    private static func checkName(_ segment: String) throws(URLRefusal) {
        let trimmed = segment.reversed().drop { $0 == "." || $0 == " " }
        guard !trimmed.isEmpty else { throw segment.contains(".") ? .dotSegment : .badPathCharacter }
        let folded = String(trimmed.reversed()).lowercased()
        let isShortName = folded.hasPrefix("git~") && folded.count > 4 && folded.dropFirst(4).allSatisfy(\.isNumber)
        if folded == ".git" || isShortName { throw .dotGitSegment }
    }

    private static func withoutGitSuffix(_ segment: String) -> String {
        segment.hasSuffix(".git") ? String(segment.dropLast(4)) : segment
    }

    /// What a decoded segment may hold: RFC 3986 unreserved, `@`, `+`, and a space that came encoded.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        isPlain(byte) || byte == UInt8(ascii: " ")
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~@+".utf8.contains(byte)
        }
    }

    private static func encode(_ segment: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let bytes = segment.utf8.flatMap { byte in
            isPlain(byte) ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
