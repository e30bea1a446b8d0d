import Foundation
import TestSupport

/// Workflows of every shape at random, whose scripts make work and move, change, commit and leave it as people and agents do.
struct WalkWorkflow {
    let ledger: WorkLedger
    var generator: SeededGenerator

    /// A workflow as JSON, which YAML reads too.
    mutating func text() throws -> String {
        let steps: [[String: Any]] =
            switch Int.random(in: 0..<11, using: &generator) {
            case 0: [run("s0"), ["id": "gate", "approval": "May it go on?"], run("s1")]
            case 1: [run("s0"), ["id": "best", "fork": fork()]]
            case 2:
                [["id": "l", "loop": ["until": "steps.t.outcome == 'succeeded'", "max": 3, "steps": [run("t", 0.5)]]]]
            case 3: [["id": "e", "foreach": ["items": ["a", "b"], "steps": [run("t")]]]]
            case 4: [run("s0"), ["id": "ag", "agent": "default", "prompt": "Do it."], run("s1")]
            case 5: [run("s0", 0.7).merging(["continue-on-error": true]) { $1 }, run("s1")]
            case 6: [run("s0").merging(["strategy": ["matrix": ["os": ["a", "b"], "v": [1, 2]]]]) { $1 }]
            case 7: [["id": "m", "parallel": ["steps": [run("a"), run("b")], "merge": true]]]
            case 8: [["id": "p", "parallel": [reader("a"), reader("b")]], run("s1")]
            default: (0...Int.random(in: 0..<4, using: &generator)).map { run("s\($0)") }
            }
        let name = "walk-\(UInt64.random(in: 1...(.max), using: &generator))"
        let data = try JSONSerialization.data(withJSONObject: ["name": name, "steps": steps])
        return String(decoding: data, as: UTF8.self)
    }

    private mutating func fork() -> [String: Any] {
        var step = run("c", 0.3)
        step["run"] = "\(step["run"] ?? "")\necho score=$RANDOM >> \"$RUNNER_OUTPUT\""
        return ["count": Int.random(in: 2...3, using: &generator), "judge": "score", "steps": [step]]
    }

    private func reader(_ id: String) -> [String: Any] { ["id": id, "writes": false, "run": "sleep 0.1"] }

    private static let deeds = [
        #"f=$(git ls-files | shuf -n 1); [ -z "$f" ] || echo $RANDOM >> "$f""#,
        #"f=$(git ls-files | shuf -n 1); [ -z "$f" ] || rm -f -- "$f""#,
        #"f=$(git ls-files | shuf -n 1); [ -z "$f" ] || git mv -- "$f" "moved-$RANDOM" || true"#,
        "git add -A; git commit -qm own || true",
        "git checkout -q -b own-$RANDOM",
        "git checkout -q --detach",
        "git checkout -q -b side-$RANDOM HEAD~1 2>/dev/null && echo $RANDOM > README.md && git commit -qam side "
            + "&& git merge -q - || true",
        "sleep 0.$((RANDOM % 5))",
    ]

    /// A script with at least one piece of work, which fails as often as `failure` says.
    private mutating func run(_ id: String, _ failure: Double = 0.1) -> [String: Any] {
        var lines = [ledger.script]
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            lines.append(Self.deeds.randomElement(using: &generator) ?? ledger.script)
        }
        lines.shuffle(using: &generator)
        if Double.random(in: 0..<1, using: &generator) < failure { lines.append("exit 3") }
        return ["id": id, "run": lines.joined(separator: "\n")]
    }
}
