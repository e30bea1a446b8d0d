import Foundation
import Glibc

@testable import Postgres

/// Lends the path of a folder that does not exist yet; whatever lies there is destroyed at the end.
func withFolder(_ body: (String) async throws -> Void) async throws {
    let parent = "/tmp/runner-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    mkdir(parent, 0o755)
    let directory = parent + "/postgres"
    let outcome: Result<Void, any Error>
    do {
        outcome = .success(try await body(directory))
    } catch {
        outcome = .failure(error)
    }
    try await LocalCluster(directory: directory).destroy()
    try FileManager.default.removeItem(atPath: parent)
    try outcome.get()
}

func quick(_ directory: String, idleStop: Duration? = nil, keeper: [String]? = nil) -> LocalCluster {
    LocalCluster(directory: directory, durability: .throwaway, idleStop: idleStop, keeper: keeper)
}

func answer(_ target: ConnectionTarget, _ sql: SQL) async throws -> [PostgresRow] {
    let client = PostgresClient(target, applicationName: "test")
    let rows = try await client.query(sql)
    await client.close()
    return rows
}
