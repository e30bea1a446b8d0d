/// Why the policy refuses a repository URL; the raw value is the stable word shown to programs.
///
/// Four of them are policy, which an operator can switch on (see `isPolicy`); all others are final.
package enum URLRefusal: String, Error, Sendable, Hashable, Codable, CaseIterable {
    // The text as a whole.
    case empty
    case tooLong = "too-long"
    case controlCharacter = "control-char"
    case nonASCII = "non-ascii"
    case optionInjection = "option-injection"
    case transportHelper = "transport-helper"
    case badCharacter = "bad-char"

    // Scheme.
    case relativePath = "relative-path"
    case unsupportedScheme = "unsupported-scheme"

    // Authority: user, host, port.
    case credentials = "credentials-in-url"
    case badUser = "bad-user"
    case emptyHost = "empty-host"
    case localHost = "local-host"
    case badHost = "bad-host"
    case ambiguousAddress = "ambiguous-ip"
    case badPort = "bad-port"
    case scpPort = "scp-port"
    case scpBrackets = "scp-brackets"

    // Path.
    case emptyPath = "empty-path"
    case emptySegment = "empty-segment"
    case queryOrFragment = "query-or-fragment"
    case badPercent = "bad-percent"
    case encodedControl = "encoded-control"
    case encodedSeparator = "encoded-separator"
    case encodedNonASCII = "encoded-non-ascii"
    case badPathCharacter = "bad-path-char"
    case dotSegment = "dot-segment"
    case dotGitSegment = "dotgit-segment"
    case forgeShape = "forge-shape"

    // Where it leads.
    case metadataAddress = "metadata-address"
    case localDisabled = "local-disabled"
    case insecureScheme = "insecure-scheme"
    case privateHost = "private-host"
    case privateAddress = "private-address"

    /// True where an operator can permit it through `URLPolicy.Allowances`.
    package var isPolicy: Bool {
        switch self {
        case .localDisabled, .insecureScheme, .privateHost, .privateAddress: true
        default: false
        }
    }
}
