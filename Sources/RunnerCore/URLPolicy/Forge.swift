/// A hosted forge whose repository addresses have a known shape and ignore case.
struct Forge: Sendable {
    enum Shape: Sendable {
        /// Exactly owner and name.
        case ownerAndName
        /// One or more groups and a name; a lone dash marks a page, not a repository.
        case groupsAndName
        case any
    }

    /// The host by which the forge is known.
    let name: String
    let shape: Shape
    /// Documented names of the same forge for SSH through the HTTPS port.
    let aliases: [String]

    private static let known = [
        Forge(name: "github.com", shape: .ownerAndName, aliases: ["ssh.github.com:443"]),
        Forge(name: "gitlab.com", shape: .groupsAndName, aliases: ["altssh.gitlab.com:443"]),
        Forge(name: "bitbucket.org", shape: .ownerAndName, aliases: ["altssh.bitbucket.org:443"]),
        Forge(name: "codeberg.org", shape: .ownerAndName, aliases: []),
        Forge(name: "gitea.com", shape: .ownerAndName, aliases: []),
        Forge(name: "dev.azure.com", shape: .any, aliases: []),
        Forge(name: "ssh.dev.azure.com", shape: .any, aliases: []),
    ]

    private init(name: String, shape: Shape, aliases: [String]) {
        self.name = name
        self.shape = shape
        self.aliases = aliases
    }

    /// Fails when `host` (lower case, with a port that is not the scheme's own) is no known forge.
    init?(host: String) {
        guard let forge = Self.known.first(where: { $0.name == host || $0.aliases.contains(host) }) else { return nil }
        self = forge
    }

    /// True where `path` can be a repository of this forge.
    func fits(_ path: URLPath) -> Bool {
        switch shape {
        case .ownerAndName: path.segments.count == 2
        case .groupsAndName: path.segments.count >= 2 && !path.segments.contains("-")
        case .any: true
        }
    }
}
