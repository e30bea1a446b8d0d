import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// Runs of the workload while their processes are killed at random; everything random follows from the seed.
struct ChaosCampaign: Sendable {
    var seed: UInt64
    var runs: Int
    var kills: Int
    /// Runs at once.
    var width: Int
    /// Seconds between two kills, at most.
    var longestGap: Double
    /// How many workers serve on the one data folder.
    var workers = 1
    /// The whole campaign must be over by then.
    var limit: Duration

    struct Report: Sendable {
        var kills: [ChaosTarget: Int] = [:]
        var pauses = 0
        var runs = 0
        var refusedStarts = 0
        var seconds = 0.0
        var complaints: [String] = []

        var text: String {
            let kinds = kills.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) \($0.value)" }
            let total = kills.values.reduce(0, +)
            return "\(total) kills (\(kinds.joined(separator: ", "))) and \(pauses) pauses over \(runs) runs in "
                + "\(Int(seconds)) s, \(refusedStarts) starts refused, \(complaints.count) complaints"
        }
    }

    /// How often each kind is chosen.
    private static let weights: [(ChaosTarget, Int)] = [
        (.daemon, 22), (.shim, 20), (.step, 20), (.foreground, 14), (.backend, 14), (.postmaster, 5), (.keeper, 5),
    ]

    func run(_ home: ChaosHome) async throws -> Report {
        let started = ContinuousClock.now
        let deadline = started + limit
        let tree = try await undisturbed(home)
        let serving = home.keepServing(workers)
        let progress = Progress()
        await withTaskGroup(of: Void.self) { group in
            for lane in 0..<width {
                group.addTask { await startRuns(home, lane: lane, progress, until: deadline) }
            }
            group.addTask { await killAtRandom(home, progress, until: deadline) }
            let reporter = Task.detached { await tell(progress, since: started) }
            await group.waitForAll()
            reporter.cancel()
        }
        var report = progress.report
        let titles = progress.titles
        report.complaints = try await ChaosChecker.with(home, tree: tree) { checker in
            try await checker.settle(until: deadline)
            serving.cancel()
            await home.stopWorkers()
            return try await checker.complaints(titles)
        }
        report.runs = titles.count
        let spent = ContinuousClock.now - started
        report.seconds = spent / .seconds(1)
        return report
    }

    /// Says every half minute how far it is, so that one can see early whether a long campaign comes to its end.
    private func tell(_ progress: Progress, since started: ContinuousClock.Instant) async {
        while true {
            do { try await Task.sleep(for: .seconds(30)) } catch { return }
            var report = progress.report
            report.runs = progress.titles.count
            report.seconds = (ContinuousClock.now - started) / .seconds(1)
            FileHandle.standardError.write(Data("chaos: \(report.text)\n".utf8))
        }
    }

    /// One run that nobody disturbs; returns the tree it leaves.
    private func undisturbed(_ home: ChaosHome) async throws -> String {
        let started = try await home.fixture.runner(
            "start", home.repository, "work", "--title", "undisturbed", "--workflow", home.workflow)
        try #require(started.status == 0, "\(started.err)")
        let branch = try await home.fixture.runner("show", "1", "--json").json(Branch.self).branch
        return try await home.fixture.git("rev-parse", "\(branch)^{tree}", in: home.repository)
    }

    private struct Branch: Decodable {
        let branch: String
    }

    private func startRuns(_ home: ChaosHome, lane: Int, _ progress: Progress, until deadline: ContinuousClock.Instant)
        async
    {
        var random = SeededGenerator(seed: seed &+ UInt64(lane) &* 7_919)
        while ContinuousClock.now < deadline - .seconds(60), let title = progress.nextTitle(of: self) {
            do {
                let isDetached = Int.random(in: 0..<3, using: &random) > 0
                if let number = try await home.start(title, detached: isDetached) {
                    progress.started(title)
                    try await waitForEnd(of: number, home, until: deadline)
                } else {
                    progress.refused(title)
                }
            } catch {
                progress.complain("\(title): \(error)")
            }
        }
        progress.laneEnded()
    }

    /// The next run of this lane begins when this one has ended, so that not all wait in the queue.
    private func waitForEnd(of number: Int, _ home: ChaosHome, until deadline: ContinuousClock.Instant) async throws {
        while ContinuousClock.now < deadline {
            let shown = try await home.fixture.runner("show", "\(number)", "--json")
            if shown.status == 0, let task = try? shown.json(Shown.self).task,
                ["completed", "failed", "cancelled"].contains(task.status)
            {
                return
            }
            try await Task.sleep(for: .milliseconds(400))
        }
    }

    private struct Shown: Decodable {
        struct Task: Decodable {
            let status: String
        }

        let task: Task
    }

    private func killAtRandom(_ home: ChaosHome, _ progress: Progress, until deadline: ContinuousClock.Instant) async {
        var random = SeededGenerator(seed: seed)
        var misses = 0
        while !progress.isOver(of: self), ContinuousClock.now < deadline - .seconds(60) {
            let gap = Double.random(in: 0...longestGap, using: &random)
            // Where there was nothing of the chosen kind to kill, another is chosen at once.
            if misses == 0 || misses > 5 { try? await Task.sleep(for: .milliseconds(Int(gap * 1_000))) }
            misses += 1
            let target = pick(&random)
            let choice = Int.random(in: 0..<1_000, using: &random)
            let pauses = Int.random(in: 0..<40, using: &random) == 0
            let length = Int.random(in: 100...4_500, using: &random)
            // Some live for a fraction of a second only.
            var found: [ChaosProcess] = []
            for _ in 0..<3 where found.isEmpty {
                found = home.processes(target).sorted { $0.pid < $1.pid }
                if found.isEmpty { try? await Task.sleep(for: .milliseconds(15)) }
            }
            guard !found.isEmpty else { continue }
            // A run whose workers die again and again without an attempt that ends is given up on purpose; on a slow
            // machine kills would come faster than anything can end.
            if target.endsWorkers, await home.mostDeaths() ?? .max > 2 { continue }
            misses = 0
            let process = found[choice % found.count]
            if pauses, target == .daemon || target == .shim || target == .step {
                guard process.send(SIGSTOP) else { continue }
                progress.paused()
                Task {
                    try? await Task.sleep(for: .milliseconds(length))
                    process.send(SIGCONT)
                }
            } else if process.send(SIGKILL) {
                progress.killed(target)
            }
        }
    }

    private func pick(_ random: inout SeededGenerator) -> ChaosTarget {
        let total = Self.weights.reduce(0) { $0 + $1.1 }
        var rest = Int.random(in: 0..<total, using: &random)
        for (target, weight) in Self.weights {
            if rest < weight { return target }
            rest -= weight
        }
        return .daemon
    }

    /// What the lanes and the killer share.
    private final class Progress: Sendable {
        private struct State {
            var report = Report()
            var titles: [String] = []
            var given = 0
            var lanesEnded = 0
        }

        private let state = Mutex(State())

        var report: Report { state.withLock { $0.report } }
        var titles: [String] { state.withLock { $0.titles } }

        /// Runs go on until there were enough of both; nil then. A fast machine needs many more of them.
        func nextTitle(of campaign: ChaosCampaign) -> String? {
            state.withLock { state in
                let isEnough =
                    state.titles.count >= campaign.runs && state.report.kills.values.reduce(0, +) >= campaign.kills
                guard !isEnough, state.given < campaign.runs * 20 else { return nil }
                state.given += 1
                return "chaos \(state.given)"
            }
        }

        func isOver(of campaign: ChaosCampaign) -> Bool {
            state.withLock { state in
                state.report.kills.values.reduce(0, +) >= campaign.kills || state.lanesEnded == campaign.width
            }
        }

        func started(_ title: String) { state.withLock { $0.titles.append(title) } }
        func refused(_ title: String) { state.withLock { $0.report.refusedStarts += 1 } }
        func laneEnded() { state.withLock { $0.lanesEnded += 1 } }
        func killed(_ target: ChaosTarget) { state.withLock { $0.report.kills[target, default: 0] += 1 } }
        func paused() { state.withLock { $0.report.pauses += 1 } }
        func complain(_ text: String) { state.withLock { $0.report.complaints.append(text) } }
    }
}
