import Foundation
import Glibc
import Testing

@Suite("groups of steps")
struct GroupTests {
    private func start(
        _ fixture: RunnerFixture, _ workflow: String, _ more: String..., repository: String? = nil
    ) async throws -> RunnerFixture.Output {
        let made = if let repository { repository } else { try await fixture.makeRepository() }
        try fixture.write(workflow, to: fixture.root + "/flow.yaml")
        return try await fixture.run(
            RunnerFixture.build + "/runner", ["start", made, "task", "--workflow", fixture.root + "/flow.yaml"] + more)
    }

    private func steps(_ fixture: RunnerFixture, _ task: Int = 1) async throws -> [String: StepJSON] {
        let steps = try await fixture.runner("steps", "\(task)", "--json").json([StepJSON].self)
        return Dictionary(uniqueKeysWithValues: steps.map { ($0.key, $0) })
    }

    @Test("a loop goes on until its check holds, and each round sees the one before")
    func loop() async throws {
        let workflow = """
            name: rounds
            steps:
              - id: fix
                loop:
                  max: 5
                  steps:
                    - id: change
                      env: { BEFORE: "{{ steps.check.result }}", ROUND: "{{ loop.number }}" }
                      run: printf '%s after <%s>\\n' "$ROUND" "$BEFORE" >> work.txt
                    - id: check
                      run: |
                        echo "round $RUNNER_LOOP_NUMBER"
                        test "$(wc -l < work.txt)" -ge 5
              - id: after
                env: { LAST: "{{ steps.check.result }}" }
                run: printf '%s' "$LAST"
            """
        try await RunnerFixture.with { fixture in
            let started = try await start(fixture, workflow)
            #expect(started.status == 0, "\(started.err)")
            let steps = try await steps(fixture)
            #expect(steps["fix#3/check"]?.status == "succeeded" && steps["fix#4/check"] == nil)
            #expect(steps["fix#1/check"]?.status == "failed" && steps["fix#2/check"]?.status == "failed")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            let work = try String(contentsOfFile: worktree + "/work.txt", encoding: .utf8)
            #expect(work == "1 after <>\n2 after <round 1\n>\n3 after <round 2\n>\n")
            #expect(try await fixture.runner("log", "1", "after").out == "round 3\n")
        }
    }

    @Test("a loop whose check never holds fails after its last round, and a retry begins it anew")
    func limit() async throws {
        let workflow = """
            name: never
            steps:
              - id: fix
                loop:
                  max: 2
                  until: steps.check.outcome == 'succeeded'
                  steps:
                    - { id: change, run: echo x >> work.txt }
                    - { id: check, run: test -e good }
              - { id: after, run: echo after }
            """
        try await RunnerFixture.with { fixture in
            let started = try await start(fixture, workflow)
            #expect(
                started.status == 1 && started.err.contains("its check did not hold after 2 rounds"), "\(started.err)")
            #expect(try await steps(fixture)["after"]?.status == "skipped")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            let refused = try await fixture.runner("retry", "1", "--from", "fix#1/check")
            #expect(refused.status == 3 && refused.err.contains("inside the group \"fix\"; retry from \"fix\""))
            try fixture.write("", to: worktree + "/good")
            let again = try await fixture.runner("retry", "1")
            #expect(again.status == 0, "\(again.err)")
            let steps = try await steps(fixture)
            #expect(steps["fix#1/check"]?.attempts.map(\.status) == ["failed", "succeeded"])
            #expect(steps["fix#2/check"]?.attempts.count == 1 && steps["after"]?.status == "succeeded")
        }
    }

    /// Each of two steps waits until the other has begun: they end only when both run at once.
    private func meeting(_ limit: String) -> String {
        """
        name: meeting
        steps:
          - id: both
            parallel:
              \(limit)
              steps:
                - id: one
                  writes: false
                  timeout: 20s
                  run: touch "$HOME/one"; while [ ! -e "$HOME/two" ]; do sleep 0.05; done; echo first
                - id: two
                  writes: false
                  timeout: 20s
                  run: touch "$HOME/two"; while [ ! -e "$HOME/one" ]; do sleep 0.05; done; echo second
          - id: sum
            env: { SAID: "{{ steps.both.result }}" }
            run: printf '%s' "$SAID"
        """
    }

    @Test("steps side by side run at once, and what they say is put together")
    func parallel() async throws {
        try await RunnerFixture.with { fixture in
            let started = try await start(fixture, meeting("max-parallel: 2"))
            #expect(started.status == 0, "\(started.err)")
            let said = try await fixture.runner("log", "1", "sum").out
            #expect(said.contains("both/one") && said.contains("first") && said.contains("second"))
        }
    }

    @Test("control: one at a time they never meet")
    func alone() async throws {
        try await RunnerFixture.with { fixture in
            let started = try await start(
                fixture, meeting("max-parallel: 1").replacing("timeout: 20s", with: "timeout: 1s"))
            #expect(started.status == 1 && started.err.contains("timed out"), "\(started.err)")
        }
    }

    @Test("a step beside others that writes is a failure")
    func writes() async throws {
        let workflow = """
            name: writes
            steps:
              - id: both
                parallel:
                  - { id: reads, writes: false, run: cat README.md }
                  - { id: writes, writes: false, run: echo x > made.txt }
            """
        try await RunnerFixture.with { fixture in
            let started = try await start(fixture, workflow)
            #expect(started.status == 1, "\(started.err)")
            #expect(try await steps(fixture)["both/writes"]?.status == "failed")
        }
        let wrong = workflow.replacing("writes: false, run: echo", with: "run: echo")
        try await RunnerFixture.with { fixture in
            let refused = try await start(fixture, wrong)
            #expect(refused.status == 3 && refused.err.contains("must not change it: say \"writes: false\""))
        }
    }

    @Test("items, combinations and called workflows: each turn has its values, and their outputs come together")
    func turns() async throws {
        let workflow = """
            name: turns
            steps:
              - id: list
                run: |
                  echo 'files=["a", "b c", "ü"]' >> "$RUNNER_OUTPUT"
              - id: each
                foreach:
                  items: "{{ steps.list.outputs.files }}"
                  steps:
                    - id: make
                      env: { NAME: "{{ item }}" }
                      run: echo "$NAME" > "$NAME.txt"; echo "made=$NAME" >> "$RUNNER_OUTPUT"
                    - id: call
                      workflow: sub
                      with: { name: "{{ item }}" }
              - id: build
                strategy: { matrix: { os: [linux, mac], n: [1, 2], exclude: [{ os: mac, n: 2 }] }, fail-fast: false }
                run: echo "$RUNNER_MATRIX_OS-$RUNNER_MATRIX_N"; test "$RUNNER_MATRIX_OS" = linux
                continue-on-error: true
              - id: sum
                env: { MADE: "{{ steps.each.outputs.made }}", GREETED: "{{ steps.each.outputs.greeting }}" }
                run: echo "$MADE $GREETED"
              - id: told
                if: steps.build.outcome == 'failed'
                run: echo told
            """
        let sub = """
            name: sub
            inputs: { name: { required: true } }
            env: { NAME: "{{ inputs.name }}" }
            steps:
              - id: greet
                run: echo "greeting=hello $NAME" >> "$RUNNER_OUTPUT"
            """
        try await RunnerFixture.with { fixture in
            try fixture.write(sub, to: fixture.root + "/home/.config/runner/workflows/sub.yaml")
            let started = try await start(fixture, workflow)
            #expect(started.status == 0, "\(started.err)")
            let steps = try await steps(fixture)
            #expect(steps["each#3/call/greet"]?.status == "succeeded" && steps["each#4/make"] == nil)
            #expect(["build#1", "build#2", "build#3"].allSatisfy { steps[$0] != nil } && steps["build#4"] == nil)
            let said = try await fixture.runner("log", "1", "sum").out
            #expect(said == "[\"a\",\"b c\",\"ü\"] [\"hello a\",\"hello b c\",\"hello ü\"]\n")
            // That a combination failed is known although it was accepted, also to whoever reads it from the database.
            #expect(steps["build"]?.status == "succeeded" && steps["told"]?.status == "succeeded")
            let again = try await fixture.runner("retry", "1", "--from", "told")
            #expect(again.status == 0, "\(again.err)")
            #expect(try await self.steps(fixture)["told"]?.status == "succeeded")
        }
    }

    @Test("a circle of workflows, a missing input and a list that is too long are refused in one sentence")
    func refusals() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let folder = fixture.root + "/home/.config/runner/workflows"
            try fixture.write("name: a\nsteps: [{ id: x, workflow: b }]\n", to: folder + "/a.yaml")
            try fixture.write("name: b\nsteps: [{ id: y, workflow: a }]\n", to: folder + "/b.yaml")
            let circle = try await fixture.runner("start", repository, "t", "--workflow", "a")
            #expect(circle.status == 3 && circle.err.contains("in a circle: a → b → a"), "\(circle.err)")
            try fixture.write(
                "name: c\ninputs: { n: { required: true } }\nsteps: [{ id: z, run: echo }]\n", to: folder + "/c.yaml")
            let missing = try await start(
                fixture, "name: m\nsteps: [{ id: x, workflow: c }]\n", repository: repository)
            #expect(missing.status == 3 && missing.err.contains("its input \"n\""), "\(missing.err)")
            let long = """
                name: long
                steps:
                  - { id: list, run: 'seq 1 5 | tr "\\n" "," | sed "s/,$/]/; s/^/n=[/" >> "$RUNNER_OUTPUT"' }
                  - id: each
                    foreach: { items: "{{ steps.list.outputs.n }}", max: 4, steps: [{ id: x, run: echo }] }
                """
            let tooLong = try await start(fixture, long, repository: repository)
            #expect(
                tooLong.status == 1 && tooLong.err.contains("the list has 5 items, more than the 4"), "\(tooLong.err)")
        }
    }

    private static let joining = """
        name: join
        steps:
          - id: base
            run: printf 'a\\nb\\nc\\n' > shared.txt
          - id: parts
            parallel:
              steps:
                - { id: api, run: 'echo api > api.txt; sed -i "s/b/CHANGE/" shared.txt; echo "made=api" >> "$RUNNER_OUTPUT"' }
                - { id: ui, run: 'echo ui > ui.txt; sed -i "s/b/ui/" shared.txt; echo did ui' }
              merge: MERGE
          - id: after
            env: { MADE: "{{ steps.api.outputs.made }}", DID: "{{ steps.ui.result }}" }
            run: echo "$MADE $DID"
        """

    @Test("steps that write side by side work in worktrees of their own, and all they did is merged")
    func merge() async throws {
        let workflow = Self.joining.replacing("CHANGE", with: "ui").replacing("MERGE", with: "true")
        try await RunnerFixture.with { fixture in
            let started = try await start(fixture, workflow)
            #expect(started.status == 0, "\(started.err)")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(
                try await fixture.run("/bin/cat", ["shared.txt", "api.txt", "ui.txt"], in: worktree).out
                    == "a\nui\nc\napi\nui\n")
            #expect(try await fixture.git("status", "--porcelain", in: worktree) == "")
            #expect(try await fixture.git("rev-list", "--count", "--merges", "HEAD", in: worktree) == "2")
            #expect(try await fixture.runner("log", "1", "after").out.contains("api did ui"))
        }
    }

    @Test("what conflicts changes nothing, unless a step resolves it; one that leaves the markers fails the run")
    func conflict() async throws {
        let conflicting = Self.joining.replacing("CHANGE", with: "api")
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let plain = try await start(
                fixture, conflicting.replacing("MERGE", with: "true"), repository: repository)
            #expect(plain.status == 1 && plain.err.contains("in conflict: shared.txt"), "\(plain.err)")
            var worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(try String(contentsOfFile: worktree + "/shared.txt", encoding: .utf8) == "a\nb\nc\n")
            let lazy = try await start(
                fixture, conflicting.replacing("MERGE", with: "{ resolve: { id: settle, run: cat shared.txt } }"),
                repository: repository)
            #expect(lazy.status == 1 && lazy.err.contains("conflict markers are still in shared.txt"), "\(lazy.err)")
            let agent = """
                { resolve: { id: settle, agent: command, with: { command: "cat > /dev/null; printf 'a\\napi and ui\\nc\\n' > shared.txt" },
                    prompt: "In conflict: {{ steps.merge.outputs.files }}" } }
                """
            let settled = try await start(
                fixture, conflicting.replacing("MERGE", with: agent), repository: repository)
            #expect(settled.status == 0, "\(settled.err)")
            worktree = try await fixture.runner("path", "7").out.trimmingCharacters(in: .newlines)
            #expect(try String(contentsOfFile: worktree + "/shared.txt", encoding: .utf8) == "a\napi and ui\nc\n")
            #expect(try await fixture.git("status", "--porcelain", in: worktree) == "")
        }
    }

    @Test("a person can resolve a conflict in the worktree and approve it")
    func resolvedByPerson() async throws {
        let workflow = Self.joining.replacing("CHANGE", with: "api")
            .replacing(
                "MERGE", with: "{ resolve: { id: settle, approval: 'Resolve {{ steps.merge.outputs.files }}' } }")
        try await RunnerFixture.with { fixture in
            let started = try await start(fixture, workflow)
            #expect(started.status == 5 && started.err.contains("Resolve shared.txt"), "\(started.err)")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            try fixture.write("a\nboth\nc\n", to: worktree + "/shared.txt")
            // What was shown has changed, by the person's own hand: it is looked at once more.
            #expect(try await fixture.runner("approve", "1").status == 3)
            #expect(try await fixture.runner("approve", "1").status == 0)
            try await fixture.eventually("it has ended") {
                try await fixture.runner("list", "--json").json([TaskRowJSON].self).last?.status == "completed"
            }
            #expect(try await fixture.git("show", "HEAD:shared.txt", in: worktree) == "a\nboth\nc")
        }
    }

    @Test("steps side by side outlive their worker: each is adopted, none is started again")
    func adoption() async throws {
        let workflow = """
            name: beside
            steps:
              - id: three
                strategy: { matrix: { n: [1, 2, 3] }, max-parallel: 3 }
                writes: false
                run: |
                  echo start >> "$HOME/starts"
                  while [ ! -e "$HOME/go" ]; do sleep 0.05; done
              - { id: after, run: echo after }
            """
        try await RunnerFixture.with { fixture in
            let started = try await start(fixture, workflow, "--detach")
            #expect(started.status == 0, "\(started.err)")
            let starts = fixture.root + "/home/starts"
            func lines() -> Int {
                FileManager.default.contents(atPath: starts)?.count { $0 == UInt8(ascii: "\n") } ?? 0
            }
            try await fixture.eventually("all three run") { lines() == 3 }
            for pid in fixture.processIDs(where: { $0.contains(" serve") }) { kill(pid, SIGKILL) }
            _ = try await fixture.runner("list")
            try fixture.write("", to: fixture.root + "/home/go")
            try await fixture.eventually("the run has ended") {
                try await fixture.runner("list", "--json").json([TaskRowJSON].self).first?.status == "completed"
            }
            let steps = try await steps(fixture)
            #expect(
                lines() == 3
                    && steps.values.flatMap(\.attempts).map(\.status) == Array(repeating: "succeeded", count: 4))
        }
    }
}
