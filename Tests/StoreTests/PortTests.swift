import Postgres
import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct PortTests {
        private func lease(_ database: Database, _ id: EnvironmentID, busy: [Int] = []) async throws -> [Int]? {
            try await database.store.leasePorts(id, host: "here", count: 10, from: 20_000..<20_050, busy: busy)
        }

        @Test("Each environment gets a block of its own, busy ports are passed over, and the end gives it back")
        func blocks() async throws {
            try await Database.with { database in
                var environments: [EnvironmentRecord] = []
                for number in 1...5 {
                    let (_, run) = try await database.claimed()
                    environments.append(
                        try await database.environment(run, path: "/w/\(number)", branch: "runner/\(number)"))
                }
                #expect(try await lease(database, environments[0].id) == Array(20_000..<20_010))
                #expect(try await lease(database, environments[1].id, busy: [20_013]) == Array(20_020..<20_030))
                #expect(try await lease(database, environments[2].id) == Array(20_010..<20_020))
                #expect(try await lease(database, environments[3].id, busy: [20_030, 20_049]) == nil)
                // Asking again moves the lease.
                #expect(try await lease(database, environments[0].id, busy: [20_000]) == Array(20_030..<20_040))
                #expect(try await database.store.ports(of: environments[0].id) == Array(20_030..<20_040))
                _ = try await database.store.setEnvironmentStatus(
                    environments[2].id, from: [.initializing], to: .terminated)
                #expect(try await database.store.ports(of: environments[2].id).isEmpty)
                #expect(try await lease(database, environments[4].id, busy: [20_000]) == Array(20_010..<20_020))
            }
        }

        @Test("200 environments that lease at once hold 2,000 different ports")
        func manyAtOnce() async throws {
            try await Database.with { database in
                let (_, run) = try await database.claimed()
                let parent = try await database.environment(run)
                let ids: [EnvironmentID] = try await database.client.query(
                    """
                    insert into runner.environments (repository_id, task_id, host, worktree_path, branch, base_commit)
                    select \(parent.repositoryID), \(parent.taskID), 'here', '/many/' || n, 'many/' || n,
                        \(parent.baseCommit) from generate_series(1, 200) n returning id
                    """
                ).map { row in try row.decode("id") }
                let store = database.store
                let ports = try await withThrowingTaskGroup(of: [Int].self) { group in
                    for id in ids {
                        group.addTask {
                            try await store.leasePorts(id, host: "here", count: 10, from: 20_000..<22_000, busy: [])
                                ?? []
                        }
                    }
                    return try await group.reduce(into: [Int]()) { $0 += $1 }
                }
                #expect(ports.count == 2_000)
                #expect(Set(ports) == Set(20_000..<22_000))
            }
        }
    }
}
