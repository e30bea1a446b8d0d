/// Takes credentials out of text that is shown or stored: git's messages, errors, output quoted in rows.
package enum Redaction {
    /// What stands in place of a credential.
    package static let mark = "***"

    /// `text` with every recognised credential replaced by `***`; all other bytes stay as they are.
    ///
    /// Recognised: user information in URLs, `Authorization` and similar headers, `name=value` with a name such as
    /// `password` or `GITHUB_TOKEN`, tokens with a published prefix, private key blocks. Redacting twice changes
    /// nothing. Linear in the length of `text`.
    package static func redactCredentials(in text: String) -> String {
        var scanner = RedactionScanner(bytes: Array(text.utf8))
        return String(decoding: scanner.redacted(), as: UTF8.self)
    }
}
