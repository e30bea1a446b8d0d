extension URLRefusal {
    /// One sentence for people: what is wrong and what to do; never repeats the input.
    ///
    /// Lower case and without a full stop, so that it can follow `error: `.
    package var explanation: String {
        switch self {
        case .empty, .tooLong, .controlCharacter, .nonASCII, .optionInjection, .transportHelper, .badCharacter:
            textExplanation
        case .relativePath, .unsupportedScheme, .insecureScheme, .localDisabled, .privateHost, .privateAddress,
            .metadataAddress:
            reachExplanation
        case .credentials, .badUser, .emptyHost, .localHost, .badHost, .ambiguousAddress, .badPort, .scpPort,
            .scpBrackets:
            authorityExplanation
        default: pathExplanation
        }
    }

    private var textExplanation: String {
        switch self {
        case .empty: "the repository URL is empty; give a URL such as https://github.com/owner/name"
        case .tooLong: "the repository URL is longer than 2048 bytes; give the plain clone URL"
        case .controlCharacter:
            "the repository URL contains a control character such as a line break or tab; copy it again without it"
        case .nonASCII:
            "the repository URL contains a character outside ASCII, which can imitate another name; "
                + "type it in ASCII (a host name in its xn-- form)"
        case .optionInjection:
            "a part of the repository URL starts with a dash, which programs would read as an option; remove the dash"
        case .transportHelper:
            "the repository URL names a git transport helper (a word before \"::\"), which could run programs; "
                + "use https:// or ssh://"
        default:
            "the repository URL contains a space or a backslash; write a space in a path as %20 and use forward slashes"
        }
    }

    private var reachExplanation: String {
        switch self {
        case .relativePath:
            "this is neither a URL nor an absolute path; give https://host/owner/name, git@host:owner/name "
                + "or an absolute path"
        case .unsupportedScheme: "the scheme of the repository URL is not supported; use https:// or ssh://"
        case .insecureScheme:
            "the scheme of the repository URL is not encrypted; use https:// or ssh://, or allow insecure "
                + "schemes with RUNNER_ALLOW_INSECURE_URLS=1"
        case .localDisabled:
            "a URL of the local file system is not allowed here; use https:// or ssh://, and name a repository on this "
                + "machine by its plain path, without file://"
        case .privateHost:
            "the host is a name of a private network; give the full public host name, or allow private "
                + "networks with RUNNER_ALLOW_PRIVATE_HOSTS=1"
        case .privateAddress:
            "the host is a private, loopback or reserved address; use a public host, or allow private "
                + "networks with RUNNER_ALLOW_PRIVATE_HOSTS=1"
        default:
            "the host is a link-local or cloud metadata address, which is never allowed; use the repository's own host"
        }
    }

    private var authorityExplanation: String {
        switch self {
        case .credentials:
            "the repository URL holds a password or token; remove it (and revoke it if it was shared), and let git's "
                + "credential helper or an SSH key supply it"
        case .badUser:
            "the user name before \"@\" is empty, looks like a host or has other characters than letters, digits, "
                + "\"-\" and \"_\"; correct or remove it"
        case .emptyHost: "the repository URL has no host; write it as scheme://host/owner/name"
        case .localHost: "a file:// URL with a host other than localhost is not supported; use file:///path"
        case .badHost:
            "the host is not a valid host name or bracketed IPv6 address; use letters, digits, dashes and single dots"
        case .ambiguousAddress:
            "the host is a number that programs read differently; write the IPv4 address as four plain decimal numbers"
        case .badPort: "the port is not a number from 1 to 65535 without leading zeros; correct or remove it"
        case .scpPort:
            "host:number/path would be read as a path, not a port; write ssh://user@host:port/path instead"
        default:
            "square brackets are only for an IPv6 address here; write ssh://user@host:port/path instead"
        }
    }

    private var pathExplanation: String {
        switch self {
        case .emptyPath: "the repository URL has no path; add the owner and the name of the repository"
        case .emptySegment: "the path of the repository URL has an empty part (two slashes in a row); remove one slash"
        case .queryOrFragment:
            "the repository URL has a query or a fragment (\"?\" or \"#\"); give the plain clone URL"
        case .badPercent: "a \"%\" in the repository URL is not followed by two hexadecimal digits; write it as %XX"
        case .encodedControl: "the path of the repository URL encodes a control character; remove it"
        case .encodedSeparator:
            "the path of the repository URL encodes a slash, a backslash or a percent sign; write the path plainly"
        case .encodedNonASCII: "the path of the repository URL encodes a character outside ASCII; use an ASCII name"
        case .badPathCharacter:
            "the path of the repository URL has a character other than letters, digits and - . _ ~ @ +; "
                + "give the plain clone URL"
        case .dotSegment: "the path of the repository URL has a \".\" or \"..\" part; write the path without it"
        case .dotGitSegment:
            "a part of the path is named .git or would be taken for it; give the path of the repository itself"
        default:
            "this is not the address of a repository on that forge but of another page; give the clone URL, "
                + "such as https://github.com/owner/name"
        }
    }
}
