import RunnerCore
import Testing

@testable import Engine

@Suite struct RunnerSettingsTests {
    private static func settings(_ more: [String: String] = [:]) throws -> RunnerSettings {
        try RunnerSettings(environment: ["HOME": "/home/ann"].merging(more) { $1 })
    }

    private static let url = "postgres://ann:hunter2secret@db.example.org/runner"

    @Test("without variables everything has its default")
    func defaults() throws {
        let settings = try Self.settings()
        #expect(settings.storage == .local && settings.databaseURL == nil && settings.defaultAgent == nil)
        #expect(!settings.allowsInsecureURLs && !settings.allowsPrivateHosts)
        #expect(
            try Self.settings(["RUNNER_STORAGE": "", "RUNNER_DATABASE_URL": "", "RUNNER_AGENT": ""]).storage == .local)
    }

    @Test("a database URL means server mode, unless another mode is asked for")
    func modes() throws {
        #expect(try Self.settings(["RUNNER_DATABASE_URL": Self.url]).storage == .server)
        #expect(try Self.settings(["RUNNER_DATABASE_URL": Self.url, "RUNNER_STORAGE": "memory"]).storage == .memory)
        #expect(try Self.settings(["RUNNER_STORAGE": "local"]).storage == .local)
    }

    @Test(
        "a mode that does not exist, and server mode without a server, are refused",
        arguments: ["disk", "Local", "server"])
    func refused(mode: String) throws {
        let error = try #require(#expect(throws: EngineError.self) { try Self.settings(["RUNNER_STORAGE": mode]) })
        #expect(error.code == .invalidArgument)
        #expect(error.message.contains("\"\(mode)\"") && error.hint != nil)
    }

    @Test("no message shows the database's password")
    func password() throws {
        let error = try #require(
            #expect(throws: EngineError.self) {
                try Self.settings(["RUNNER_STORAGE": "disk", "RUNNER_DATABASE_URL": Self.url])
            })
        #expect(!error.description.contains("hunter2secret"))
    }

    @Test("what loosens the URL policy is switched on by 1 alone", arguments: ["0", "true", "yes", "", "1"])
    func switches(value: String) throws {
        let settings = try Self.settings(
            ["RUNNER_ALLOW_INSECURE_URLS": value, "RUNNER_ALLOW_PRIVATE_HOSTS": value])
        #expect(settings.allowsInsecureURLs == (value == "1"))
        #expect(settings.allowsPrivateHosts == (value == "1"))
        #expect(Repositories.policy(settings).allowances.isEmpty == (value != "1"))
    }
}
