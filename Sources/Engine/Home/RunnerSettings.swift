import RunnerCore

/// What the environment variables say; everything has a default.
package struct RunnerSettings: Sendable {
    package enum StorageMode: String, Sendable, CaseIterable {
        case local, memory, server
    }

    package let home: RunnerHome
    package let storage: StorageMode
    /// Only in `server` mode. May hold a password: never print it.
    package let databaseURL: String?
    package let defaultAgent: String?
    package let allowsInsecureURLs: Bool
    package let allowsPrivateHosts: Bool
    package let environment: [String: String]

    package init(environment: [String: String]) throws {
        self.environment = environment
        home = try RunnerHome(environment: environment)
        databaseURL = environment["RUNNER_DATABASE_URL"].flatMap { $0.isEmpty ? nil : $0 }
        if let name = environment["RUNNER_STORAGE"], !name.isEmpty {
            guard let mode = StorageMode(rawValue: name) else {
                throw EngineError(
                    .invalidArgument, "RUNNER_STORAGE is \"\(name)\"", hint: "set it to local, memory or server")
            }
            storage = mode
        } else {
            storage = databaseURL == nil ? .local : .server
        }
        if storage == .server, databaseURL == nil {
            throw EngineError(
                .invalidArgument, "RUNNER_STORAGE is \"server\" without a server",
                hint: "set RUNNER_DATABASE_URL to postgres://…")
        }
        defaultAgent = environment["RUNNER_AGENT"].flatMap { $0.isEmpty ? nil : $0 }
        allowsInsecureURLs = environment["RUNNER_ALLOW_INSECURE_URLS"] == "1"
        allowsPrivateHosts = environment["RUNNER_ALLOW_PRIVATE_HOSTS"] == "1"
        _ = try CleanupSettings(environment: environment)
        for (name, form, isRight) in Self.forms {
            guard let text = environment[name], !text.isEmpty, !isRight(text) else { continue }
            throw EngineError(.invalidArgument, "\(name) is \"\(text)\"", hint: "set it to \(form)")
        }
    }

    /// Whether there may be a database already: a server, or that of a data folder which was used before.
    package var mayHaveDatabase: Bool { storage == .server || home.isPrepared }

    private static let forms: [(name: String, form: String, isRight: @Sendable (String) -> Bool)] = [
        (
            "RUNNER_LEASE_SECONDS", "0.5 to 3600",
            { text in Double(text).map { WorkerSettings.leaseRange.contains($0) } ?? false }
        ),
        ("RUNNER_MIN_FREE_MEMORY", "MiB, from 0 on", { text in Int(text).map { (0...1 << 40).contains($0) } ?? false }),
        (
            "RUNNER_PACK_LIMIT_MIB", "MiB, or 0 for none",
            { text in Int(text).map { (0...1 << 40).contains($0) } ?? false }
        ),
        ("RUNNER_LINGER_SECONDS", "1 to 3600", { text in Double(text).map { (1...3600).contains($0) } ?? false }),
        (
            "RUNNER_HOST", "a name of up to 255 bytes without control characters",
            { text in text.utf8.count <= 255 && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
        ),
        ("RUNNER_TAKEOVER_AFTER", "a duration, as 90s or 10m", { text in DurationText.parse(text) != nil }),
    ]
}
