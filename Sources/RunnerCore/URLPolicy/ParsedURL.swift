/// A repository URL taken apart, every part checked for itself; where it leads is not judged here.
struct ParsedURL: Hashable, Sendable {
    enum Form: Hashable, Sendable {
        case url(Scheme)
        /// `[user@]host:path`.
        case scp
    }

    enum Scheme: String, Hashable, Sendable {
        case https, ssh, http, git, file

        var defaultPort: Int? {
            switch self {
            case .https: 443
            case .ssh: 22
            case .http: 80
            case .git: 9418
            case .file: nil
            }
        }
    }

    let form: Form
    /// Kept for SSH only: elsewhere it selects no repository.
    let user: String?
    /// Absent for a local path.
    let host: URLHost?
    /// Absent when it is the scheme's own.
    let port: Int?
    let path: URLPath

    /// Host and port as they identify the server.
    var hostAndPort: String? {
        host.map { host in port.map { "\(host):\($0)" } ?? host.description }
    }

    var normalized: String {
        let authority = (user.map { $0 + "@" } ?? "") + (hostAndPort ?? "")
        return switch form {
        case .url(let scheme): "\(scheme.rawValue)://\(authority)\(path.encoded)"
        case .scp: "\(authority):\(path.encoded)"
        }
    }

    var owner: String? {
        guard form == .url(.file) else { return path.owner }
        return "/" + (path.owner ?? "")
    }

    var isLocal: Bool { form == .url(.file) }

    var isInsecure: Bool { form == .url(.http) || form == .url(.git) }
}
