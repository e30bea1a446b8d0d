import Foundation
import Postgres
import Store

/// The database behind a workspace, in one of its three modes.
struct Storage: Sendable {
    let store: Store
    /// Holds the private cluster's lease, so that it is not stopped as idle.
    private let client: PostgresClient
    let target: ConnectionTarget

    /// As it stands in `pg_stat_activity`.
    static let applicationName = "runner"

    /// With `takesSpareSessions` a session is used that a daemon has ready, if any.
    static func open(
        _ settings: RunnerSettings, home: RunnerHome, takesSpareSessions: Bool
    ) async throws -> Storage {
        let target = try await target(settings, home: home)
        var ownTarget = target
        ownTarget.takesSpareSessions = takesSpareSessions
        let client = PostgresClient(ownTarget, applicationName: applicationName)
        do {
            let store = try await Store.open(client, autoMigrate: settings.storage != .server)
            return Storage(store: store, client: client, target: target)
        } catch {
            await client.close()
            throw error
        }
    }

    /// Whether there is a server to connect to without starting one.
    static func isRunning(_ settings: RunnerSettings) -> Bool {
        settings.storage == .server || cluster(settings, home: settings.home).isRunning
    }

    /// A client without any check of the schema, for `runner db`.
    static func connect(_ settings: RunnerSettings, home: RunnerHome) async throws -> PostgresClient {
        PostgresClient(try await target(settings, home: home), applicationName: applicationName)
    }

    private static func target(_ settings: RunnerSettings, home: RunnerHome) async throws -> ConnectionTarget {
        if let url = settings.databaseURL, settings.storage == .server { return try ConnectionTarget(url) }
        return try await cluster(settings, home: home).ensureRunning()
    }

    /// Starts the private cluster when it has gone; its socket is where it was.
    func revive(_ settings: RunnerSettings, home: RunnerHome) async throws {
        guard settings.storage != .server else { return }
        _ = try await Storage.cluster(settings, home: home).ensureRunning()
    }

    /// The private cluster of `local` and `memory` mode.
    static func cluster(_ settings: RunnerSettings, home: RunnerHome) -> LocalCluster {
        let program = ProgramPath.own ?? CommandLine.arguments[0]
        let keeper = settings.environment["RUNNER_NO_KEEPER"] == "1" ? nil : [program, "db", "keep"]
        switch settings.storage {
        case .local, .server:
            return LocalCluster(directory: home.postgres, durability: .durable, keeper: keeper)
        case .memory:
            return LocalCluster(directory: home.root + "/postgres-memory", durability: .throwaway, keeper: keeper)
        }
    }

    func close() async {
        await client.close()
    }
}
