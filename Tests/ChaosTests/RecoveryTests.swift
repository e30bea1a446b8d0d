import Foundation
import Glibc
import Testing

/// How long a run stands still when its worker is killed, with default settings.
@Suite("recovery", .serialized)
struct RecoveryTests {
    private static let isLong = ProcessInfo.processInfo.environment["RUNNER_LONG_TESTS"] != nil

    /// From the kill to the beginning of the next step, which needs everything: that the death is noticed, that another
    /// worker claims the run, adopts the step or finds its end, records it and begins the next.
    @Test("a run goes on soon after kill -9 of its worker, long before its lease is over")
    func median() async throws {
        let kills = Self.isLong ? 20 : 3
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            let repository = try await fixture.makeRepository()
            let workflow = fixture.root + "/chain.yaml"
            let steps = (1...400).map { "  - id: s\($0)\n    run: sleep 0.1\n" }.joined()
            try fixture.write("name: chain\nsteps:\n" + steps, to: workflow)
            async let first = fixture.runner("start", repository, "work", "--workflow", workflow, "--quiet")
            var gaps: [Double] = []
            for number in 1...kills {
                let worker = try await owner(fixture, after: gaps.count)
                let killed = Date()
                kill(worker, SIGKILL)
                try await fixture.eventually("the run goes on after kill \(number)") {
                    guard let next = try await next(fixture, after: killed) else { return false }
                    gaps.append(next.timeIntervalSince(killed))
                    return true
                }
            }
            _ = try await fixture.runner("cancel", "1")
            _ = try await first
            let sorted = gaps.sorted()
            let median = sorted[sorted.count / 2]
            print("recovery: median \(median) s, longest \(sorted.last ?? 0) s of \(kills) kills: \(sorted)")
            // The default lease is 30 s: whoever waits for it has noticed nothing.
            #expect(median < (Self.isLong ? 1.5 : 15))
        }
    }

    /// A worker that is stopped keeps its connections: only its lease tells.
    @Test(
        "a run goes on when the lease of a worker that was stopped is over, and the worker, continued, adds nothing",
        .enabled(if: isLong))
    func paused() async throws {
        // The default.
        let lease = 30
        try await RunnerFixture.with(["RUNNER_STORAGE": "local", "RUNNER_NO_GUARD": "1"]) { fixture in
            let repository = try await fixture.makeRepository()
            let workflow = fixture.root + "/chain.yaml"
            let steps = (1...2_000).map { "  - id: s\($0)\n    run: sleep 0.2\n" }.joined()
            try fixture.write("name: chain\nsteps:\n" + steps, to: workflow)
            async let first = fixture.runner("serve", "--quiet")
            let started = try await fixture.runner("start", repository, "work", "--workflow", workflow, "--detach")
            try #require(started.status == 0, "\(started.err)")
            let worker = try await owner(fixture, after: 1)
            async let second = fixture.runner("serve", "--quiet")
            try await fixture.eventually("two workers serve") {
                try await fixture.runner("sessions", "--json").json([SessionJSON].self).count { $0.state == "serving" }
                    >= 2
            }
            let stopped = Date()
            kill(worker, SIGSTOP)
            var gap = 0.0
            try await fixture.eventually("the run goes on") {
                guard let next = try await next(fixture, after: stopped) else { return false }
                gap = next.timeIntervalSince(stopped)
                return true
            }
            print("recovery: \(gap) s after its worker was stopped, with a lease of \(lease) s")
            #expect(gap <= Double(lease) + 2)
            kill(worker, SIGCONT)
            try await fixture.eventually("the new worker has done three more steps") {
                try await events(fixture).count { $0.kind == "step.started" && $0.createdAt > stopped } > 4
            }
            _ = try await fixture.runner("cancel", "1")
            for step in try await fixture.runner("steps", "1", "--json").json([StepJSON].self) {
                #expect(step.attempts.count <= 2 && step.attempts.count { $0.status == "succeeded" } <= 1, "\(step)")
            }
            await fixture.endDaemons()
            _ = try await (first, second)
        }
    }

    /// The process that has the run now, once it has got a step further; the first is the foreground command.
    private func owner(_ fixture: RunnerFixture, after kills: Int) async throws -> pid_t {
        var found: pid_t?
        try await fixture.eventually("somebody works on the run") {
            let sessions = try await fixture.runner("sessions", "--json")
            guard sessions.status == 0 else { return false }
            let working = try sessions.json([SessionJSON].self).first { $0.tasks == [1] && $0.state != "gone" }
            guard let working, kill(working.processId, 0) == 0 else { return false }
            found = working.processId
            let started = try await events(fixture)
            // Two steps by this worker, so that the measure is of a run under way.
            guard let claim = started.last(where: { $0.kind == "run.started" })?.createdAt else { return kills == 0 }
            return started.count { $0.kind == "step.started" && $0.createdAt > claim } >= 2
        }
        return try #require(found)
    }

    /// When the first step began under the worker that claimed the run after the kill.
    private func next(_ fixture: RunnerFixture, after killed: Date) async throws -> Date? {
        let all = try await events(fixture)
        guard let claim = all.first(where: { $0.kind == "run.started" && $0.createdAt > killed }) else { return nil }
        return all.first { $0.kind == "step.started" && $0.createdAt > claim.createdAt }?.createdAt
    }

    private func events(_ fixture: RunnerFixture) async throws -> [EventJSON] {
        let output = try await fixture.runner("events", "1", "--json")
        guard output.status == 0 else { return [] }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        // One object a line.
        return try output.out.split(separator: "\n").map { try decoder.decode(EventJSON.self, from: Data($0.utf8)) }
    }

    private struct SessionJSON: Decodable {
        let processId: pid_t
        let state: String
        let tasks: [Int]
    }

    private struct StepJSON: Decodable {
        struct Attempt: Decodable { let status: String }

        let key: String
        let attempts: [Attempt]
    }

    private struct EventJSON: Decodable {
        let kind: String
        let createdAt: Date

        private enum CodingKeys: CodingKey {
            case kind, createdAt
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            kind = try values.decode(String.self, forKey: .kind)
            createdAt = try Date(
                values.decode(String.self, forKey: .createdAt),
                strategy: .iso8601.year().month().day().time(includingFractionalSeconds: true)
                    .timeZone(separator: .omitted))
        }
    }
}
