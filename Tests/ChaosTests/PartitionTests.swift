import Foundation
import Glibc
import Testing

/// Two hosts, one server, and a cut cable; see docs/many-hosts.md.
@Suite("partition", .serialized, .enabled(if: PartitionNetwork.obstacle == nil, "\(PartitionNetwork.obstacle ?? "")"))
struct PartitionTests {
    private static let steps = ["a", "b", "c", "d", "e", "f"]

    /// A workflow whose steps write when they run, on which host, into one file that all hosts of this test see.
    ///
    /// The one in which the host is cut off takes `tenths` of a second.
    private static func workflow(trace: String, tenths: Int) -> String {
        let steps = steps.map { step in
            """
              - id: \(step)
                run: |
                  echo "begin \(step) $PWD $(cut -d' ' -f1 /proc/uptime)" >> '\(trace)'
                  echo "\(step)" >> journal.txt
                  for i in $(seq \(step == "c" ? tenths : 4)); do
                      sleep 0.1
                      echo "alive \(step) $PWD $(cut -d' ' -f1 /proc/uptime)" >> '\(trace)'
                  done
                  echo "end \(step) $PWD $(cut -d' ' -f1 /proc/uptime)" >> '\(trace)'
            """
        }
        return "name: partition\nsteps:\n" + steps.joined(separator: "\n") + "\n"
    }

    private struct Line {
        let word: String
        let step: String
        let host: String
        let time: Double
    }

    private func read(_ path: String) throws -> [Line] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ")
            guard parts.count == 4, let time = Double(parts[3]) else { return nil }
            let host = PartitionNetwork.hosts.first { parts[2].contains("/\($0)/") } ?? "?"
            return Line(word: String(parts[0]), step: String(parts[1]), host: host, time: time)
        }
    }

    /// Nothing runs on two hosts at once, nothing runs again that is recorded, and a host that is cut off begins nothing.
    ///
    /// Longer than the lease, the step is ended on the host that is cut off; shorter, it comes to its end there, which
    /// nobody can hear of: this one step runs again. Its times are those of leases: on a machine that is busy with
    /// other tests they mean little.
    @Test(
        "a host is cut off and then killed: the other finishes its run, and nothing runs twice",
        .enabled(if: ProcessInfo.processInfo.environment["RUNNER_LONG_TESTS"] != nil), arguments: [60, 15])
    func cutOffAndKilled(tenths: Int) async throws {
        try await PartitionNetwork.with { network in
            let fixture = network.fixture
            let trace = fixture.root + "/trace"
            try fixture.write("", to: trace, mode: 0o666)
            let workflow = fixture.root + "/partition.yaml"
            try fixture.write(Self.workflow(trace: trace, tenths: tenths), to: workflow)
            let migrated = try await network.runner("alpha", "db", "migrate")
            try #require(migrated.status == 0, "\(migrated.err)")
            async let alpha = network.runner("alpha", "serve", "--quiet")
            async let beta = network.runner("beta", "serve", "--quiet")
            let started = try await network.runner(
                "alpha", "start", network.repository, "work", "--workflow", workflow, "--detach")
            try #require(started.status == 0, "\(started.err)")
            // The worker that took it is the one to cut off; the environment may be on either host.
            // A step that has begun says that the end of the one before is recorded.
            try await fixture.eventually("two steps are done") {
                try read(trace).contains { $0.word == "alive" && $0.step == "c" }
            }
            let victim = try #require(try read(trace).last?.host)
            let rescuer = try #require(PartitionNetwork.hosts.first { $0 != victim })
            try await network.setLink(victim, up: false)
            try await fixture.eventually("the other host goes on") {
                try read(trace).contains { $0.host == rescuer }
            }
            try await network.destroy(victim)
            try await fixture.eventually("the run ends") {
                let shown = try await network.runner(rescuer, "list", "--json")
                return try shown.json([TaskStatusJSON].self).map(\.status) == ["completed"]
            }
            let lines = try read(trace)
            let last = try #require(lines.last { $0.host == victim }?.time)
            let first = try #require(lines.first { $0.host == rescuer }?.time)
            print("partition: the other host begins \(first - last) s after the last sign of life of the first")
            #expect(first > last, "a step ran on both hosts at once")
            // The step in which the host was cut off is the last that it began.
            let cut = try #require(lines.last { $0.host == victim && $0.word == "begin" }?.step)
            for step in Self.steps {
                let begins = lines.filter { $0.word == "begin" && $0.step == step }.map(\.host)
                let ends = lines.filter { $0.word == "end" && $0.step == step }.map(\.host)
                switch step {
                case cut:
                    // Cut off between its end and the next beginning, which are recorded together, it is done.
                    let isDone = begins == [victim] && ends == [victim]
                    let isRepeated = begins == [victim, rescuer] && ends.last == rescuer
                    #expect(isDone || isRepeated, "\(step): \(begins) \(ends)")
                case ..<cut: #expect(begins == [victim] && ends == [victim], "\(step): \(begins) \(ends)")
                default: #expect(begins == [rescuer] && ends == [rescuer], "\(step): \(begins) \(ends)")
                }
            }
            let outlived = lines.contains { $0.word == "end" && $0.step == cut && $0.host == victim }
            print("partition: cut off in \(cut), which ended there: \(outlived)")
            if tenths > 30 { #expect(!outlived, "a step longer than the lease came to its end on the host cut off") }
            let recorded = try await network.runner(rescuer, "steps", "1", "--json").json([StepStatesJSON].self)
            #expect(recorded.map(\.key) == Self.steps)
            for step in recorded {
                let states = step.attempts.map(\.status)
                let isRight = states.count { $0 == "succeeded" } == 1 && states.last == "succeeded"
                #expect(isRight, "\(step.key): \(states)")
            }
            let events = try await network.runner(rescuer, "events", "1", "--json").out
            #expect(events.contains("\"run.taken_over\""), "\(events)")
            let worktree = try await network.runner(rescuer, "path", "1").out.trimmingCharacters(in: .newlines)
            let journal = try String(contentsOfFile: worktree + "/journal.txt", encoding: .utf8)
            #expect(journal == "begin\na\nb\nc\nd\ne\nf\n")
            for host in PartitionNetwork.hosts { try await network.destroy(host) }
            _ = try await (alpha, beta)
        }
    }

    /// By hand, since the step would have been ended by its supervisor before the other host took the run by itself.
    @Test(
        "a worker that is stopped, taken over and continued ends its step within a second and writes nothing",
        .enabled(if: ProcessInfo.processInfo.environment["RUNNER_LONG_TESTS"] != nil))
    func stoppedAndContinued() async throws {
        try await PartitionNetwork.with(["RUNNER_TAKEOVER_AFTER": "10m"]) { network in
            try await begin(network) { trace, alpha in
                alpha.forEach { $0.send(SIGSTOP) }
                async let takeover = takenOver(network)
                try await network.fixture.eventually("the other host has begun the step") {
                    try read(trace).contains { $0.host == "beta" }
                }
                let woken = try #require(try read("/proc/uptime", at: 0))
                alpha.forEach { $0.send(SIGCONT) }
                #expect(try await takeover.status == 0)
                try await network.fixture.eventually("no process of the step is left") {
                    !ChaosProcess.all().contains { $0.command.contains("/alpha/attempts/") }
                }
                let last = try #require(try read(trace).last { $0.host == "alpha" }?.time)
                print("partition: the step's last sign of life came \(last - woken) s after its worker woke")
                #expect(last - woken <= 1)
                let steps = try await network.runner("beta", "steps", "1", "--json").json([StepStatesJSON].self)
                #expect(steps.map { $0.attempts.map(\.status) } == [["interrupted", "succeeded"]])
                let worktree = try await network.runner("beta", "path", "1").out.trimmingCharacters(in: .newlines)
                #expect(try String(contentsOfFile: worktree + "/journal.txt", encoding: .utf8) == "begin\na\n")
            }
        }
    }

    /// What a worker cannot do that does not live: it is never continued here.
    @Test(
        "the step of a worker that is stopped for good ends before another host takes the run",
        .enabled(if: ProcessInfo.processInfo.environment["RUNNER_LONG_TESTS"] != nil))
    func stoppedForGood() async throws {
        try await PartitionNetwork.with { network in
            try await begin(network) { trace, alpha in
                alpha.forEach { $0.send(SIGSTOP) }
                async let beta = network.runner("beta", "serve", "--quiet")
                try await network.fixture.eventually("the other host has ended the run") {
                    try read(trace).contains { $0.word == "end" && $0.host == "beta" }
                }
                let last = try #require(try read(trace).last { $0.host == "alpha" }?.time)
                let first = try #require(try read(trace).first { $0.host == "beta" }?.time)
                print("partition: the other host begins \(first - last) s after the step of the stopped worker ended")
                #expect(first > last, "a step ran on both hosts at once")
                alpha.forEach { $0.send(SIGKILL) }
                try await network.destroy("beta")
                _ = try await beta
            }
        }
    }

    /// A run with one step, which is endless on alpha and short elsewhere, at work on alpha; `body` gets the trace and
    /// alpha's worker.
    private func begin(
        _ network: PartitionNetwork, _ body: (String, [ChaosProcess]) async throws -> Void
    ) async throws {
        let trace = network.fixture.root + "/trace"
        try network.fixture.write("", to: trace, mode: 0o666)
        let script = """
            echo a >> journal.txt
            case "$PWD" in */alpha/*) count=1200 ;; *) count=20 ;; esac
            for i in $(seq $count); do echo "alive a $PWD $(cut -d' ' -f1 /proc/uptime)" >> '\(trace)'; sleep 0.1; done
            echo "end a $PWD $(cut -d' ' -f1 /proc/uptime)" >> '\(trace)'
            """
        let migrated = try await network.runner("alpha", "db", "migrate")
        try #require(migrated.status == 0, "\(migrated.err)")
        async let serving = network.runner("alpha", "serve", "--quiet")
        let started = try await network.runner(
            "alpha", "start", network.repository, script, "--workflow", "script", "--detach")
        try #require(started.status == 0, "\(started.err)")
        try await network.fixture.eventually("the step runs") { try !read(trace).isEmpty }
        // Its guard and the daemon that --detach may have started are there as well; all of them are the worker's.
        let workers = ChaosProcess.all().filter {
            $0.command.contains("/runner serve") && !$0.command.contains("--guard")
                && network.isProcess($0, of: "alpha")
        }
        try #require(!workers.isEmpty)
        try await body(trace, workers)
        try await network.destroy("alpha")
        _ = try await serving
    }

    /// Asks until the lease of the worker that had the run is over.
    private func takenOver(_ network: PartitionNetwork) async throws -> RunnerFixture.Output {
        while true {
            let output = try await network.runner("beta", "takeover", "1")
            if output.status == 0 || !output.err.contains("is being worked on") { return output }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func read(_ path: String, at field: Int) throws -> Double? {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: " ").dropFirst(field).first.flatMap {
            Double($0)
        }
    }
}

private struct TaskStatusJSON: Decodable {
    let status: String
}

private struct StepStatesJSON: Decodable {
    let key: String
    let attempts: [TaskStatusJSON]
}
