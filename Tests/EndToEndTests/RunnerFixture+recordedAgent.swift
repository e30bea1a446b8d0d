import Foundation
import Testing

extension RunnerFixture {
    /// Puts a `claude` on the path that says what Claude Code 2.1.329 said when it was recorded, tool calls, usage and cost
    /// included; its closing words are what `answer`, a shell script, prints, and its edits are that script's.
    ///
    /// The prompts are kept in the home folder as `prompt-<step>`. `options` make a start use it.
    func installRecordedAgent(_ answer: String) throws {
        let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "AgentsTests/Fixtures/claude")
        let recording = try String(contentsOf: fixtures.appending(path: "success.jsonl"), encoding: .utf8)
        let parts = recording.components(separatedBy: "Fixed add() and created hello.txt.")
        try #require(parts.count > 1, "the recording ends in other words")
        for (number, part) in parts.enumerated() { try write(part, to: root + "/agent/part-\(number)") }
        try write(answer, to: root + "/agent/answer")
        let program = """
            #!/bin/sh
            [ "$1" = --version ] && { echo '2.1.329 (Claude Code)'; exit; }
            prompt=$HOME/prompt-$(echo "$RUNNER_STEP_ID" | tr '/#' '--')
            cat > "$prompt.$$"
            words=$(sh '\(root)/agent/answer' < "$prompt.$$" |
                sed 's/\\\\/\\\\\\\\/g; s/"/\\\\"/g' | awk '{ printf "%s%s", sep, $0; sep = "\\\\n" }')
            mv "$prompt.$$" "$prompt"
            cat '\(root)/agent/part-0'
            for number in $(seq \(parts.count - 1)); do printf '%s' "$words"; cat '\(root)/agent/part-'$number; done
            """
        try write(program + "\n", to: root + "/bin/claude", mode: 0o755)
    }

    static let recordedAgent = ["--agent", "claude"]
}
