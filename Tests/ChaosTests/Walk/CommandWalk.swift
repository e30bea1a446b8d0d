import Foundation
import TestSupport

/// Commands of every kind at random, side by side, some of them and their daemon killed: whatever they do to each other,
/// each says a documented status, no run stays where it is, and no piece of work is lost.
///
/// Every choice follows from the seed; what meets what does not.
struct CommandWalk: Sendable {
    var seed: UInt64
    /// Commands of each lane.
    var commands: Int
    var width: Int

    struct Report: Sendable {
        var commands = 0
        var killed = 0
        var tasks = 0
        var pieces = 0
        var complaints: [String] = []

        var text: String {
            "\(commands) commands, \(killed) kills, \(tasks) tasks, \(pieces) pieces of work, "
                + "\(complaints.count) complaints"
        }

        mutating func add(_ lane: Report) {
            commands += lane.commands
            killed += lane.killed
            complaints += lane.complaints
        }
    }

    /// The statuses of the README, and those of a command that was ended by a signal.
    static let documented: Set = [0, 1, 2, 3, 4, 5, 130]
    static let killed: Set = [130, 137, 143]

    /// What is wrong with what a command said; nil when nothing is.
    static func complaint(about output: RunnerFixture.Output, of arguments: [String], isKilled: Bool) -> String? {
        let isKnown = documented.contains(output.status) || isKilled && killed.contains(output.status)
        let command = arguments.joined(separator: " ")
        guard isKnown, !output.err.contains("Fatal error") else {
            return "\(command): status \(output.status): \(output.err.suffix(400))"
        }
        let isOver = !isKilled && arguments.contains("--json") && !output.out.isEmpty
        guard isOver, !isJSON(output.out) else { return nil }
        return "\(command): no JSON: \(output.out.prefix(200))"
    }

    private static func isJSON(_ text: String) -> Bool {
        func parses(_ text: Substring) -> Bool {
            (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil
        }
        return parses(text[...]) || text.split(separator: "\n").allSatisfy(parses)
    }

    func run(_ home: ChaosHome) async throws -> Report {
        let fixture = home.fixture
        let ledger = try WorkLedger(fixture)
        let agent = fixture.root + "/agent.sh"
        try fixture.write("#!/bin/bash\ncat > /dev/null\n\(ledger.script)\necho done\n", to: agent, mode: 0o755)
        let other = try await fixture.makeRepository("other", files: ["README.md": "x\n", ".gitignore": "*.o\n"])
        var result = try await withThrowingTaskGroup { group in
            for lane in 0..<width {
                let walker = CommandWalker(
                    home: home, repositories: [home.repository, other], ledger: ledger, agent: agent,
                    generator: SeededGenerator(seed: seed &+ UInt64(lane) &* 7919))
                group.addTask { try await walk(walker) }
            }
            return try await group.reduce(into: Report()) { $0.add($1) }
        }
        let (tasks, complaints) = try await WalkChecker(home: home, ledger: ledger).complaints(within: .seconds(180))
        result.tasks = tasks
        result.pieces = ledger.count
        result.complaints += complaints
        return result
    }

    private func walk(_ walker: CommandWalker) async throws -> Report {
        var (walker, report) = (walker, Report())
        for _ in 0..<commands {
            let step = try await walker.step()
            report.commands += 1
            report.killed += step.isKilled ? 1 : 0
            if let complaint = step.complaint { report.complaints.append(complaint) }
        }
        return report
    }
}
