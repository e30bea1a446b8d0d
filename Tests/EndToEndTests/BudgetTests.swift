import Foundation
import Testing

@Suite("budgets")
struct BudgetTests {
    private struct Row: Decodable {
        struct Hold: Decodable {
            struct Bound: Decodable {
                struct Used: Decodable { let usd: Double; let tokens: Int }
                let scope: String
                let used: Used
                let until: String?
            }
            let reason: String?
            let budget: Bound?
        }
        let status: String
        let hold: Hold?
        let dueAt: String?
    }

    /// An agent of one file that says what it cost, and notes in the home folder that it ran.
    private func prepare(_ fixture: RunnerFixture) throws -> [String: String] {
        try fixture.write(
            """
            command: [meter]
            prompt: stdin
            output:
              input-tokens: 'tokens: (\\d+) in'
              output-tokens: '(\\d+) out'
              cost: 'cost: (\\S+)'

            """, to: fixture.root + "/config/runner/agents/meter.yaml")
        try fixture.write(
            "#!/bin/sh\ncat > /dev/null\necho \"$RUNNER_STEP_ID\" >> \"$HOME/ran\"\n"
                + "[ \"$RUNNER_INPUT_PRICE\" = none ] || echo \"cost: ${RUNNER_INPUT_PRICE:-0.60}\"\n"
                + "echo 'tokens: 100 in, 50 out'\n",
            to: fixture.root + "/bin/meter", mode: 0o755)
        try fixture.write(
            """
            name: two
            inputs: { price: { default: "0.60" } }
            steps:
              - { id: one, agent: meter, prompt: first }
              - { id: two, agent: meter, prompt: second }

            """, to: fixture.root + "/two.yaml")
        return ["XDG_CONFIG_HOME": fixture.root + "/config"]
    }

    private func ran(_ fixture: RunnerFixture) -> [String] {
        let text = (try? String(contentsOfFile: fixture.root + "/home/ran", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    @Test("an amount that is none is refused with how to write one", arguments: ["abc", "0", "-1", "5/day"])
    func wrongAmount(text: String) async throws {
        try await RunnerFixture.with { fixture in
            let refused = try await fixture.runner("start", fixture.root, "x", "--budget=\(text)")
            #expect(refused.status == 2 && refused.err.contains("\"\(text)\" is no budget; write"), "\(refused.err)")
        }
    }

    @Test("a run that reached its budget waits, says which and how much, and goes on when the budget is raised")
    func run() async throws {
        try await RunnerFixture.with { fixture in
            let extra = try prepare(fixture)
            let repository = try await fixture.makeRepository()
            let workflow = fixture.root + "/two.yaml"
            let started = try await fixture.runner(
                "start", repository, "work", "--workflow", workflow, "--budget", "0.50", extra: extra)
            #expect(started.status == 5, "\(started.err)")
            #expect(started.err.contains("$0.60 of $0.50") && started.err.contains("runner retry 1 --budget"))
            #expect(ran(fixture) == ["one"])
            let row = try #require(try await fixture.runner("list", "--json").json([Row].self).first)
            #expect(row.status == "waiting" && row.hold?.budget?.scope == "run" && row.dueAt == nil)
            #expect(row.hold?.budget?.used.usd == 0.6 && row.hold?.budget?.used.tokens == 150)
            let list = try await fixture.runner("list").out
            #expect(list.contains("waiting for the budget of the run"), "\(list)")
            let shown = try await fixture.runner("show", "1").out
            #expect(shown.contains("$0.60 of $0.50"), "\(shown)")
            let budgets = try await fixture.runner("budget").out
            #expect(budgets.contains("used up"), "\(budgets)")
            #expect(try await fixture.runner("usage").out.contains("$0.60 of $0.50"))
            // Too little changes nothing; what it waits at is asked again.
            let little = try await fixture.runner("retry", "1", "--budget", "0.60", extra: extra)
            #expect(little.status == 5 && ran(fixture) == ["one"], "\(little.err)")
            let raised = try await fixture.runner("retry", "1", "--budget", "1", extra: extra)
            #expect(raised.status == 0, "\(raised.err)")
            #expect(ran(fixture) == ["one", "two"])
            // The control: the same run within its budget.
            let free = try await fixture.runner(
                "start", repository, "work", "--workflow", workflow, "--budget", "2, 1M tokens", extra: extra)
            #expect(free.status == 0, "\(free.err)")
        }
    }

    @Test("the budget of a repository or of everything keeps new runs from beginning, and raising it lets them go on")
    func around() async throws {
        try await RunnerFixture.with { fixture in
            let extra = try prepare(fixture)
            let repository = try await fixture.makeRepository()
            let workflow = fixture.root + "/two.yaml"
            let first = try await fixture.runner("start", repository, "work", "--workflow", workflow, extra: extra)
            #expect(first.status == 0, "\(first.err)")
            let set = try await fixture.runner("repo", "update", "project", "--budget", "200 tokens", extra: extra)
            #expect(set.status == 0, "\(set.err)")
            let second = try await fixture.runner("start", repository, "more", "--workflow", workflow, extra: extra)
            #expect(second.status == 5 && second.err.contains("300 of 200 tokens"), "\(second.err)")
            let own = try await fixture.runner("retry", "2", "--budget", "9", extra: extra)
            #expect(own.status == 3 && own.err.contains("runner repo update project"), "\(own.err)")
            // Everything's day is used up as well: what holds longest is waited for, then the other.
            let day = try await fixture.runner("budget", "--set", "0.01/day", "--json", extra: extra)
            #expect(day.status == 0 && day.out.contains("\"scope\" : \"all\""), "\(day.out)\(day.err)")
            _ = try await fixture.runner("repo", "update", "project", "--budget", "", extra: extra)
            try await fixture.eventually("it waits for the day") {
                let rows = try await fixture.runner("list", "--json").json([Row].self)
                return rows.first?.hold?.budget?.scope == "all" && rows.first?.dueAt != nil
            }
            #expect(ran(fixture).count == 2)
            let cleared = try await fixture.runner("budget", "--set", "", extra: extra)
            #expect(cleared.status == 0, "\(cleared.err)")
            try await fixture.eventually("it goes on") {
                try await fixture.runner("list", "--json").json([Row].self).first?.status == "completed"
            }
            #expect(ran(fixture).count == 4)
        }
    }

    @Test("a step's budget holds its next try; what has no price is told once and counts in tokens only")
    func step() async throws {
        try await RunnerFixture.with { fixture in
            let extra = try prepare(fixture)
            let repository = try await fixture.makeRepository()
            try fixture.write(
                """
                name: loop
                inputs: { price: { default: none } }
                steps:
                  - id: again
                    budget: { usd: 0.01, tokens: 300 }
                    loop:
                      max: 5
                      steps:
                        - { id: work, agent: meter, prompt: do }
                        - { id: check, run: 'exit 1' }

                """, to: fixture.root + "/loop.yaml")
            let started = try await fixture.runner(
                "start", repository, "work", "--workflow", fixture.root + "/loop.yaml", extra: extra)
            #expect(started.status == 5, "\(started.err)")
            #expect(started.err.contains("the budget of step \"again\" is used up"), "\(started.err)")
            #expect(started.err.components(separatedBy: "does not count what").count == 2, "\(started.err)")
            #expect(ran(fixture) == ["again#1/work", "again#2/work"])
            let raised = try await fixture.runner("retry", "1", "--budget", "900 tokens", extra: extra)
            #expect(raised.status == 1, "\(raised.err)")
            #expect(ran(fixture).count == 5)
        }
    }

    @Test("an agent that takes a bound gets what is left, and its own end at it waits instead of failing")
    func bounded() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let ended = """
                {"type":"system","subtype":"init","session_id":"5e551011-0000-4000-8000-000000000001","model":"m-1","cwd":"/x","tools":[]}
                {"type":"result","subtype":"error_max_budget_usd","is_error":true,"num_turns":1,"total_cost_usd":0.74,"usage":{"input_tokens":10,"output_tokens":5},"modelUsage":{"m-1":{"inputTokens":10,"outputTokens":5,"costUSD":0.74}},"session_id":"5e551011-0000-4000-8000-000000000001"}

                """
            try fixture.write(ended, to: fixture.root + "/ended")
            try fixture.write(
                "#!/bin/sh\n[ \"$1\" = --version ] && { echo 1.0; exit; }\ncat > /dev/null\necho \"$@\" >> \"$HOME/args\"\n"
                    + "cat '\(fixture.root)/ended'\nexit 1\n", to: fixture.root + "/bin/claude", mode: 0o755)
            try fixture.write(
                "name: one\nbudget: 0.75\nsteps:\n  - { id: work, agent: claude, prompt: x }\n",
                to: fixture.root + "/one.yaml")
            let started = try await fixture.runner(
                "start", repository, "work", "--workflow", fixture.root + "/one.yaml")
            #expect(started.status == 5, "\(started.err)")
            let arguments = try String(contentsOfFile: fixture.root + "/home/args", encoding: .utf8)
            #expect(arguments.contains("--max-budget-usd 0.75"), "\(arguments)")
            let row = try #require(try await fixture.runner("list", "--json").json([Row].self).first)
            #expect(row.status == "waiting" && row.hold?.budget?.scope == "run")
            // The control: a bound of the step's own is the step's failure.
            try fixture.write(
                "name: own\nbudget: 5\nsteps:\n"
                    + "  - { id: work, agent: claude, prompt: x, with: { max-budget-usd: 0.1 } }\n",
                to: fixture.root + "/own.yaml")
            let own = try await fixture.runner("start", repository, "work", "--workflow", fixture.root + "/own.yaml")
            #expect(own.status == 1, "\(own.err)")
            let more = try await fixture.runner("retry", "1", "--budget", "2")
            #expect(more.status == 5, "\(more.err)")
            let all = try String(contentsOfFile: fixture.root + "/home/args", encoding: .utf8)
            #expect(all.contains("--max-budget-usd 1.26") && all.contains("--resume"), "\(all)")
        }
    }
}
