import Foundation
import Testing

@Suite("runner replay")
struct ReplayTests {
    @Test("recorded agents act again: their words and changes come, scripts run really, no agent does")
    func replay() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: ["a.txt": "1\n", "b.bin": "\u{0}\u{1}"])
            let file = fixture.root + "/w.yaml"
            try fixture.write(
                """
                name: w
                steps:
                  - id: edit
                    agent: command
                    max-attempts: 2
                    produces: { changes: true }
                    with:
                      command: |
                        echo >> "$HOME/agent-ran"
                        echo "seen $(wc -l < "$HOME/agent-ran")"
                        echo problem >&2
                        [ "$(wc -l < "$HOME/agent-ran")" = 1 ] && exit 0
                        printf 'kind<<X\\nbig\\nEND\\nX\\n' >> "$RUNNER_OUTPUT"; echo short >> "$RUNNER_STEP_SUMMARY"
                        echo kept > "$RUNNER_ARTIFACTS/note.txt"
                        echo 2 >> a.txt; rm b.bin; mkdir -p new; printf '\\000\\377' > new/c.bin; chmod +x new/c.bin
                    prompt: go
                  - id: check
                    env: { KIND: "{{ steps.edit.outputs.kind }}/{{ steps.edit.summary }}" }
                    run: |
                      echo "$KIND"
                      echo >> "$HOME/check-ran"
                      test "$(wc -l < a.txt)" = 2 && test -x new/c.bin && test ! -e b.bin
                  - id: report
                    run: 'true'
                    if: steps.edit.result == 'never'
                """, to: file)
            let lines = { (name: String) in
                (try? String(contentsOfFile: fixture.root + "/home/" + name, encoding: .utf8))?.count ?? 0
            }
            let started = try await fixture.runner("start", repository, "t", "-w", file)
            #expect(started.status == 0 && lines("agent-ran") == 2 && lines("check-ran") == 1, "\(started.err)")
            let replayed = try await fixture.runner("replay", "1")
            #expect(replayed.status == 0 && replayed.out == "2\n", "\(replayed.err)")
            #expect(lines("agent-ran") == 2 && lines("check-ran") == 2)
            let steps = try await fixture.runner("steps", "2", "--json").json([StepJSON].self)
            #expect(steps.map(\.status) == ["succeeded", "succeeded", "skipped"])
            #expect(steps[0].attempts.map(\.status) == ["failed", "succeeded"])
            #expect(steps[0].attempts.allSatisfy { $0.costUsd == nil })
            for step in ["edit", "check"] {
                let one = try await fixture.runner("log", "1", step, "--raw")
                let other = try await fixture.runner("log", "2", step, "--raw")
                #expect(one.out == other.out && one.err == other.err, "\(other.out) \(other.err)")
            }
            #expect(try await fixture.runner("log", "2", "check", "--raw").out == "big\nEND/short\n\n")
            #expect(try await fixture.runner("artifact", "show", "2", "note.txt").out == "kept\n")
            // The same tree on both branches.
            var paths: [String] = []
            for task in ["1", "2"] {
                paths.append(try await fixture.runner("path", task).out.trimmingCharacters(in: .newlines))
            }
            #expect(
                try await fixture.git("rev-parse", "HEAD^{tree}", in: paths[0])
                    == fixture.git("rev-parse", "HEAD^{tree}", in: paths[1]))
            #expect(try await fixture.git("branch", "--list", "runner/*", in: repository).contains("runner/1"))
            #expect(!(try await fixture.git("branch", "--list", "runner/*", in: repository).contains("runner/2")))
            #expect(try await fixture.runner("replay", "2").status == 3)
            #expect(try await fixture.runner("replay", "99").status == 3)
        }
    }

    @Test("an agent that tells its end in a file of its own is played with that file, and is not needed")
    func reports() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let folder = fixture.root + "/bin"
            try fixture.write(
                """
                #!/bin/sh
                while [ $# -gt 0 ]; do case "$1" in -o) out=$2; shift;; esac; shift; done
                echo made > made.txt
                echo prose
                echo '{"info":{"exit_status":"Submitted","submission":"the end"},"messages":[]}' > "$out"
                """, to: folder + "/mini", mode: 0o755)
            let file = fixture.root + "/w.yaml"
            try fixture.write(
                """
                name: w
                steps:
                  - id: edit
                    agent: mini
                    prompt: go
                  - id: check
                    env: { SAID: "{{ steps.edit.result }}" }
                    run: test "$SAID" = "the end" && test -e made.txt
                """, to: file)
            let path = folder + ":" + (fixture.variables["PATH"] ?? "")
            let started = try await fixture.runner("start", repository, "t", "-w", file, extra: ["PATH": path])
            #expect(started.status == 0, "\(started.err)")
            // Without the program.
            let replayed = try await fixture.runner("replay", "1")
            #expect(replayed.status == 0, "\(replayed.err)")
        }
    }
}
