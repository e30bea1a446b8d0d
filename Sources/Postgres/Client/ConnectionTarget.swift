import CLibpq

/// Where to connect: libpq parameters by keyword, with the password kept out of every description.
package struct ConnectionTarget: Sendable {
    /// Keywords of the PostgreSQL manual, "Parameter Key Words"; an empty value switches off the `PG…` variable.
    package let parameters: [String: String]
    /// Server settings for each session, such as `search_path`; they win over the client's defaults.
    package var settings: [String: String] = [:]

    /// Whether a session that a daemon has ready is taken before one is opened (`SessionLender`).
    package var takesSpareSessions = false

    /// Keeps a private cluster awake as long as this value, or a client made with it, exists.
    let lease: ClusterLease?

    package init(parameters: [String: String]) {
        self.init(parameters: parameters, lease: nil)
    }

    init(parameters: [String: String], lease: ClusterLease?) {
        self.parameters = parameters
        self.lease = lease
    }

    /// Reads a URL (`postgresql://…`) or a `keyword=value` string.
    package init(_ text: String) throws(PostgresError) {
        guard !text.holdsNUL, let options = PQconninfoParse(text, nil) else { throw Self.malformed }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                parameters[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        guard !Self.isCutInPassword(text, parameters) else { throw Self.malformed }
        self.init(parameters: parameters, lease: nil)
    }

    private static let malformed = PostgresError(
        .invalidTarget, operation: "read the connection string", message: "the database URL is malformed",
        hint: "write it as postgresql://user@host:5432/database; in a password / is %2F, @ is %40 and ? is %3F")

    /// Whether libpq took the rest of a password with a bare slash or `@` for a host, a port or a database: those are shown.
    private static func isCutInPassword(_ text: String, _ parameters: [String: String]) -> Bool {
        guard ["postgres://", "postgresql://"].contains(where: text.hasPrefix) else { return false }
        let path = text.drop { $0 != ":" }.dropFirst(3).prefix { $0 != "?" }.drop { $0 != "/" }
        let isPort = parameters["port"]?.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ",") } ?? true
        // A folder of sockets may have any name, and an abstract socket's begins with "@".
        let host = parameters["host"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? nil : $0 } ?? ""
        return path.contains("@") || host.contains("@") || !isPort
    }

    /// The text without the password: docs/many-hosts.md has the rule.
    func redacting(_ message: String) -> String {
        let shown = ["user", "dbname", "host", "hostaddr", "port"].compactMap { parameters[$0] }
        return ["password", "sslpassword"].compactMap { parameters[$0] }
            .filter { !$0.isEmpty && !shown.contains($0) }
            .reduce(message) { PasswordInText(password: $1).redacted(from: $0) }
    }

    /// One conninfo string; unlike libpq's keyword arrays it carries empty values.
    ///
    /// What the target says wins, except that both sides' server `options` are sent.
    func connectionString(adding additions: [String: String]) -> String {
        var all = additions.merging(parameters) { _, given in given }
        all["options"] = [additions["options"], parameters["options"]].compactMap(\.self).joined(separator: " ")
        return all.map { key, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
            return "\(key)='\(escaped)'"
        }.joined(separator: " ")
    }
}

extension ConnectionTarget: CustomStringConvertible {
    package var description: String {
        let host = parameters["host"] ?? parameters["hostaddr"] ?? "default host"
        return "database \"\(parameters["dbname"] ?? "default")\" on \"\(host)\""
    }
}

extension ConnectionTarget: CustomReflectable {
    /// Keeps the password out of `dump` and of test failure output.
    package var customMirror: Mirror { Mirror(self, children: ["target": description]) }
}
