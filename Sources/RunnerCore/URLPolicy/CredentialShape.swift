/// Recognises access tokens by their published prefixes.
///
/// Sources: the token formats that GitHub, GitLab, Atlassian, Amazon, Google, Slack, npm, PyPI, Docker, Hugging Face,
/// Stripe, OpenAI and Anthropic document.
struct CredentialShape: Sendable {
    let prefix: [UInt8]
    /// The fewest characters after the prefix that make a token.
    let minimum: Int
    /// True for a prefix so short that it counts at the beginning of a word only, before an unbroken run with a digit.
    let isWeak: Bool

    private static let known: [CredentialShape] = [
        .init("ghp_", 10), .init("gho_", 10), .init("ghu_", 10), .init("ghs_", 10), .init("ghr_", 10),
        .init("github_pat_", 10), .init("glpat-", 10), .init("gldt-", 10, isWeak: true),
        .init("glrt-", 10, isWeak: true), .init("glptt-", 10, isWeak: true),
        .init("glcbt-", 10, isWeak: true), .init("glft-", 10, isWeak: true), .init("glsoat-", 10, isWeak: true),
        .init("glagent-", 10, isWeak: true), .init("gloas-", 10, isWeak: true),
        .init("sk-ant-", 8), .init("sk_live_", 10), .init("sk_test_", 10), .init("rk_live_", 10),
        .init("sk-proj-", 10, isWeak: true), .init("sk-", 16, isWeak: true),
        .init("xoxa-", 8), .init("xoxb-", 8), .init("xoxc-", 8), .init("xoxd-", 8), .init("xoxe-", 8),
        .init("xoxe.", 8), .init("xoxo-", 8), .init("xoxp-", 8), .init("xoxr-", 8), .init("xoxs-", 8),
        .init("xapp-1-", 8),
        .init("AKIA", 16, isWeak: true), .init("ASIA", 16, isWeak: true),
        .init("AIza", 30), .init("ya29.", 20), .init("GOCSPX-", 16),
        .init("ATATT3x", 16), .init("ATCTT3x", 16), .init("ATBB", 24, isWeak: true),
        .init("npm_", 30, isWeak: true), .init("pypi-", 40), .init("dckr_pat_", 16), .init("hf_", 30, isWeak: true),
        .init("eyJ", 16, isWeak: true),
    ]

    /// The known shapes at the index of their first byte.
    private static let byFirstByte: [[CredentialShape]] = (0...255).map { byte in
        known.filter { $0.prefix.first == UInt8(byte) }
    }

    private init(_ prefix: String, _ minimum: Int, isWeak: Bool = false) {
        self.prefix = Array(prefix.utf8)
        self.minimum = minimum
        self.isWeak = isWeak
    }

    /// The end of the token that begins at `start`, or nil when none does.
    static func tokenEnd(in bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
        guard start < bytes.endIndex else { return nil }
        let rest = bytes[start...]
        for shape in byFirstByte[Int(bytes[start])] where rest.starts(with: shape.prefix) {
            let body = rest.dropFirst(shape.prefix.count)
            if shape.isWeak {
                // A bounded look, before the whole body is read: repeated prefixes must not cost quadratic time.
                guard isWordStart(bytes, start) else { continue }
                let run = body.prefix(128).prefix(while: isAlphanumeric)
                guard run.count >= shape.minimum, run.contains(where: isDigit) else { continue }
            }
            let token = body.prefix(while: isTokenByte)
            if token.count >= shape.minimum { return token.endIndex }
        }
        return nil
    }

    static func containsToken(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)[...]
        return bytes.indices.contains { tokenEnd(in: bytes, from: $0) != nil }
    }

    /// True where a user name is more likely a secret: a token prefix, a UUID, or a long mix of letters and digits.
    ///
    /// Amazon's 20-character public key identifiers, which are user names for SSH, stay below the length.
    static func isTokenLike(_ user: some StringProtocol) -> Bool {
        let bytes = Array(user.utf8)
        let startsAsToken = known.contains { !$0.isWeak && bytes.starts(with: $0.prefix) }
        if startsAsToken || containsToken(user) { return true }
        let runs = bytes.split { !isAlphanumeric($0) }
        let isUUID = runs.map(\.count) == [8, 4, 4, 4, 12] && bytes.count == 36
        let isLongMix = runs.contains { $0.count >= 24 && $0.contains(where: isDigit) && !$0.allSatisfy(isDigit) }
        return isUUID || isLongMix
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    /// True at the front, after punctuation, and after an escape such as `\n` in quoted text.
    static func isWordStart(_ bytes: ArraySlice<UInt8>, _ index: Int) -> Bool {
        guard index > bytes.startIndex, isAlphanumeric(bytes[index - 1]) else { return true }
        return index - 1 > bytes.startIndex && bytes[index - 2] == UInt8(ascii: "\\")
    }
}
