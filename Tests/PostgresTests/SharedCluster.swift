import Foundation
import Testing

@testable import Postgres

/// One throwaway cluster for all suites that carry the trait `.cluster`; the last one to end destroys it.
actor SharedCluster {
    static let shared = SharedCluster()

    @TaskLocal static var target = ConnectionTarget(parameters: ["host": "/nonexistent"])

    private var users = 0
    private var running: Task<(LocalCluster, ConnectionTarget), any Error>?

    func acquire() async throws -> ConnectionTarget {
        users += 1
        let task =
            running
            ?? Task {
                let cluster = try await LocalCluster.throwaway()
                return (cluster, try await cluster.ensureRunning())
            }
        running = task
        return try await task.value.1
    }

    func release() async throws {
        users -= 1
        guard users == 0, let task = running else { return }
        running = nil
        try await task.value.0.destroy()
    }
}

/// Runs a suite with `SharedCluster.target` set.
struct ClusterTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let target = try await SharedCluster.shared.acquire()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await SharedCluster.$target.withValue(target) { try await function() })
        } catch {
            outcome = .failure(error)
        }
        try await SharedCluster.shared.release()
        try outcome.get()
    }
}

extension Trait where Self == ClusterTrait {
    static var cluster: Self { ClusterTrait() }
}

/// A client of the shared cluster, closed at the end.
func withClient<T>(_ body: (PostgresClient) async throws -> T) async throws -> T {
    let client = PostgresClient(SharedCluster.target, applicationName: "test \(UUID())")
    do {
        let value = try await body(client)
        await client.close()
        return value
    } catch {
        await client.close()
        throw error
    }
}

/// Waits until `condition` holds; false when `limit` runs out first.
func eventually(within limit: Duration = .seconds(20), _ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return try await condition()
}
