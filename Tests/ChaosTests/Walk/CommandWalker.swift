import Foundation
import Glibc
import TestSupport

/// One person at a terminal who types whatever comes to mind.
struct CommandWalker: Sendable {
    let home: ChaosHome
    let repositories: [String]
    let ledger: WorkLedger
    let agent: String
    var generator: SeededGenerator
    private var number = 0

    init(
        home: ChaosHome, repositories: [String], ledger: WorkLedger, agent: String, generator: SeededGenerator
    ) {
        (self.home, self.repositories, self.ledger, self.agent) = (home, repositories, ledger, agent)
        self.generator = generator
    }

    private mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < share }

    /// Types one command, or does something in a worktree first; says what was wrong with it.
    mutating func step() async throws -> (complaint: String?, isKilled: Bool) {
        let listed = try await home.fixture.runner("list", "--quiet", "--limit", "30")
        let task = listed.out.split(separator: "\n").map(String.init).randomElement(using: &generator)
        if let task, chance(0.08) { try await work(in: task) }
        if chance(0.02), let victim = home.processes(chance(0.5) ? .daemon : .shim).first { victim.send(SIGKILL) }
        var arguments = try command(on: task)
        if chance(0.3) { arguments.append("--json") }
        let isKilled = chance(0.1)
        let program = RunnerFixture.build + "/runner"
        guard isKilled else {
            let output = try await home.fixture.run(program, arguments)
            return (CommandWalk.complaint(about: output, of: arguments, isKilled: false), false)
        }
        let signal = ["KILL", "KILL", "INT", "TERM"].randomElement(using: &generator) ?? "KILL"
        let after = "\(Double.random(in: 0.02...0.6, using: &generator))"
        let output = try await home.fixture.run(
            "/usr/bin/timeout", ["--preserve-status", "-s", signal, after, program] + arguments)
        return (CommandWalk.complaint(about: output, of: arguments, isKilled: true), true)
    }

    /// What a person does in the worktree of a task, if there is one.
    private mutating func work(in task: String) async throws {
        let path = try await home.fixture.runner("path", task)
        guard path.status == 0 else { return }
        let more = ["", "; git add -A; git commit -qm mine", "; git checkout -q --detach"].randomElement(
            using: &generator)
        let place = path.out.trimmingCharacters(in: .newlines)
        // The folder may go away in this moment: nothing is written elsewhere then.
        try await home.fixture.run("/bin/sh", ["-c", "cd '\(place)' && \(ledger.script)\(more ?? "") || true"])
    }

    private mutating func command(on task: String?) throws -> [String] {
        guard let task, !chance(0.25) else { return try start() }
        let detached = chance(0.5) ? ["--detach"] : []
        let step = ["s0", "s1", "l", "best", "e", "m"].randomElement(using: &generator) ?? "s0"
        switch Int.random(in: 0..<20, using: &generator) {
        case 0, 1: return ["retry", task] + detached + (chance(0.4) ? ["--from", step] : [])
        case 2: return ["cancel", task]
        case 3: return ["approve", task]
        case 4: return ["reject", task, "--note", "why"]
        case 5: return ["rewind", task, "--to", step]
        case 6: return ["fork", task] + detached
        case 7: return ["tell", task, "please go on"] + detached
        case 8: return ["replay", task] + detached
        case 9, 10: return ["clean", task]
        case 11: return ["restore", task]
        case 12: return ["push", task]
        case 13: return ["apply", task]
        case 14: return ["keep", task] + (chance(0.5) ? ["--for", "1s"] : ["--forever"])
        case 15: return ["clean", "--merged"]
        case 16: return ["env", chance(0.5) ? "lock" : "unlock", task]
        default:
            let looks = [
                ["show", task], ["steps", task], ["log", task], ["diff", task], ["events", task], ["board"], ["usage"],
                ["snapshots", task], ["env", "show", task], ["env", "list"], ["approvals"], ["sessions"], ["doctor"],
            ]
            return looks.randomElement(using: &generator) ?? ["list"]
        }
    }

    private mutating func start() throws -> [String] {
        number += 1
        var workflow = WalkWorkflow(ledger: ledger, generator: SeededGenerator(seed: generator.next()))
        let file = "\(home.fixture.root)/walk-\(generator.next()).yaml"
        try home.fixture.write(try workflow.text(), to: file)
        let repository = repositories.randomElement(using: &generator) ?? home.repository
        return ["start", repository, "task \(number)", "--workflow", file, "--agent", "command", "--command", agent]
            + (chance(0.5) ? ["--detach"] : []) + (chance(0.2) ? ["--no-fetch"] : [])
    }
}
