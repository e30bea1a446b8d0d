import Postgres
import Store
import Testing

/// Starts one throwaway server around a suite and destroys it afterwards.
struct DatabaseServer: SuiteTrait, TestScoping {
    /// The server's own database; nil outside the suite.
    @TaskLocal static var target: ConnectionTarget?

    static let template = "runner_template"

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await LocalCluster.withThrowaway { target in
            let admin = PostgresClient(target, applicationName: "store tests")
            try await admin.execute("create database \(unescaped: Self.template)")
            let client = PostgresClient(target.database(Self.template), applicationName: "store tests")
            try await Migrator(client).migrate()
            // A template can be copied only while nobody is connected to it.
            await client.close()
            await admin.close()
            try await Self.$target.withValue(target) { try await function() }
        }
    }
}

extension Trait where Self == DatabaseServer {
    static var databaseServer: Self { DatabaseServer() }
}

extension ConnectionTarget {
    /// The same server, another database; the server's target must be kept for as long as this is used.
    func database(_ name: String) -> ConnectionTarget {
        ConnectionTarget(parameters: parameters.merging(["dbname": name]) { $1 })
    }
}
