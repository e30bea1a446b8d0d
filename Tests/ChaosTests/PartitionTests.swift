import Foundation
import Glibc
import Testing

/// Two hosts, one server, and a cut cable; see docs/many-hosts.md.
@Suite("partition", .serialized, .enabled(if: PartitionNetwork.obstacle == nil, "\(PartitionNetwork.obstacle ?? "")"))
struct PartitionTests {
    /// A workflow whose steps write when they run, on which host, into one file that all hosts of this test see.
    ///
    /// The one in which the host is cut off is longer than a lease: it cannot come to its end there.
    private static func workflow(trace: String) -> String {
        let steps = ["a", "b", "c", "d", "e", "f"].map { step in
            """
              - id: \(step)
                run: |
                  echo "begin \(step) $PWD $(cut -d' ' -f1 /proc/uptime)" >> '\(trace)'
                  echo "\(step)" >> journal.txt
                  for i in $(seq \(step == "c" ? 40 : 4)); do
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

    // Its times are those of leases: on a machine that is busy with other tests they mean little.
    @Test(
        "a host is cut off and then killed: the other finishes its run, and nothing runs twice",
        .enabled(if: ProcessInfo.processInfo.environment["RUNNER_LONG_TESTS"] != nil))
    func cutOffAndKilled() async throws {
        try await PartitionNetwork.with { network in
            let fixture = network.fixture
            let trace = fixture.root + "/trace"
            try fixture.write("", to: trace, mode: 0o666)
            let workflow = fixture.root + "/partition.yaml"
            try fixture.write(Self.workflow(trace: trace), to: workflow)
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
            for step in ["a", "b", "c", "d", "e", "f"] {
                let ends = lines.filter { $0.word == "end" && $0.step == step }
                #expect(ends.count == 1, "\(step) was done on \(ends.map(\.host))")
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
}

private struct TaskStatusJSON: Decodable {
    let status: String
}
