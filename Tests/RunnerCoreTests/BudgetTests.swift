import Foundation
import RunnerCore
import Testing

@Suite("Budgets")
struct BudgetTests {
    @Test(
        "money, tokens and both are read, and written as they are read again",
        arguments: [
            ("5", "$5.00"), ("5.00", "$5.00"), ("$0.000001", "$0.000001"), (" 12.5 ", "$12.50"),
            ("2M tokens", "2000000 tokens"), ("1token", "1 tokens"), ("1.5k tokens", "1500 tokens"),
            ("$5, 200000 tokens", "$5.00, 200000 tokens"), ("3g Tokens,0.25", "$0.25, 3000000000 tokens"),
            // None of them is a whole number once a processor has multiplied it.
            ("2.01M tokens", "2010000 tokens"), ("4.02M tokens", "4020000 tokens"), ("16.1k tokens", "16100 tokens"),
            ("1.000000001G tokens", "1000000001 tokens"), ("7.0 tokens", "7 tokens"), ("0.5k tokens", "500 tokens"),
        ])
    func reads(text: String, written: String) throws {
        let budget = try #require(Budget(text))
        #expect(budget.text == written)
        #expect(Budget(budget.text) == budget)
        let data = try JSONEncoder().encode(budget)
        #expect(try JSONDecoder().decode(Budget.self, from: data) == budget)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", " ", "0", "0.0000001", "-1", "1e3", "five", "5,", ",5", "5, 6", "1 tokens, 2 tokens", "tokens",
            "0 tokens",
            "1.5 tokens", "1.0001k tokens", "1.0000000001G tokens", "0.0k tokens", "1.2.3M tokens", "k tokens",
            "1000001G tokens", "5/day", "€5", "1.", ".5", "1000000001", "nan", "5 5", "99999999999999999999999 tokens",
        ])
    func refuses(text: String) {
        #expect(Budget(text) == nil)
    }

    @Test("a period follows a slash, once for each")
    func periods() throws {
        #expect(PeriodBudget("20/day") == PeriodBudget(Budget(usd: 20), per: .day))
        #expect(PeriodBudget("5M tokens/month")?.text == "5000000 tokens/month")
        #expect(PeriodBudget("500")?.period == nil)
        for text in ["20/week", "/day", "20/", "20/day/day", "20 /  d"] {
            #expect(PeriodBudget(text) == nil, "\(text)")
        }
        #expect(try PeriodBudget.list(["", "1/day", "2"]).count == 2)
        #expect(throws: BudgetTextError.twice("2/day")) { try PeriodBudget.list(["1/day", "2/day"]) }
        #expect(throws: BudgetTextError.unreadable("x")) { try PeriodBudget.list(["x"]) }
    }

    private static func standing(
        _ budget: Budget, _ used: Spending, scope: BudgetStanding.Scope = .run, until: Date? = nil
    ) -> BudgetStanding {
        BudgetStanding(scope: scope, budget: budget, used: used, until: until)
    }

    @Test(
        "a bound is reached by what it counts alone",
        arguments: [
            (Budget(usd: 5), Spending(usd: 4.999999), false), (Budget(usd: 5), Spending(usd: 5), true),
            // Sums of decimals carry noise.
            (Budget(usd: 0.3), Spending(usd: 0.1 + 0.2 - 1e-12), true),
            (Budget(usd: 5), Spending(tokens: 1_000_000, unpricedTokens: 1_000_000), false),
            (Budget(tokens: 10), Spending(usd: 100, tokens: 9), false),
            (Budget(tokens: 10), Spending(tokens: 10), true),
            (Budget(usd: 5, tokens: 10), Spending(usd: 1, tokens: 10, unpricedTokens: 3), true),
            (Budget(usd: 5, tokens: 10), Spending(usd: 5, tokens: 1), true),
        ])
    func reached(budget: Budget, used: Spending, isReached: Bool) {
        #expect(Self.standing(budget, used).isReached == isReached)
    }

    @Test("of several bounds that are reached the one that holds longest keeps a step; none that is not reached does")
    func holding() {
        let now = Date()
        let day = Self.standing(Budget(usd: 1), Spending(usd: 1), scope: .all, until: now)
        let month = Self.standing(
            Budget(usd: 1), Spending(usd: 2), scope: .repository, until: now.addingTimeInterval(9))
        let run = Self.standing(Budget(usd: 1), Spending(usd: 3))
        let free = Self.standing(Budget(usd: 1), Spending(usd: 0.5), scope: .step)
        #expect(BudgetStanding.holding([free, day]) == day)
        #expect(BudgetStanding.holding([day, month, free]) == month)
        #expect(BudgetStanding.holding([run, month, day]) == run)
        #expect(BudgetStanding.holding([free]) == nil && BudgetStanding.holding([]) == nil)
    }

    @Test("an agent is bounded by the least money that is left, and not by tokens")
    func tightest() {
        let wide = Self.standing(Budget(usd: 9), Spending(usd: 1))
        let narrow = Self.standing(Budget(usd: 1), Spending(usd: 0.25), scope: .step)
        let tokens = Self.standing(Budget(tokens: 1), Spending(), scope: .all)
        #expect(BudgetStanding.tightest([wide, tokens, narrow]) == narrow)
        #expect(BudgetStanding.tightest([wide, tokens, narrow])?.leftUSD == 0.75)
        #expect(BudgetStanding.tightest([tokens]) == nil)
    }

    private func parse(_ text: String) throws -> WorkflowDefinition {
        try WorkflowParser.parse(text, file: "w.yaml", knownAgents: ["claude"])
    }

    @Test("a workflow, a step of an agent and a group may have one, and its JSON keeps it")
    func workflow() throws {
        let source = """
            name: w
            budget: 5.00
            steps:
              - { id: a, agent: claude, prompt: x, budget: 2M tokens }
              - id: b
                budget: { usd: 1.5, tokens: 10k }
                loop: { steps: [{ id: c, run: x }] }
            """
        let definition = try parse(source)
        #expect(definition.budget == Budget(usd: 5))
        #expect(definition.step("a")?.budget == Budget(tokens: 2_000_000))
        #expect(definition.step("b")?.budget == Budget(usd: 1.5, tokens: 10_000))
        let data = try JSONEncoder().encode(definition)
        #expect(try JSONDecoder().decode(WorkflowDefinition.self, from: data) == definition)
    }

    @Test(
        "what cannot have one, and what is none, is told with its place",
        arguments: [
            "  - { id: a, run: x, budget: 5 }", "  - { id: a, approval: x, budget: 5 }",
            "  - { id: a, agent: claude, prompt: x, budget: 0 }", "  - { id: a, agent: claude, prompt: x, budget: {} }",
            "  - { id: a, agent: claude, prompt: x, budget: [5] }",
            "  - { id: a, agent: claude, prompt: x, budget: { usd: -1 } }",
            "  - { id: a, agent: claude, prompt: x, budget: { euro: 1 } }",
            "  - { id: a, budget: 5, fork: { judge: score, steps: [{ run: x }] } }",
        ])
    func refused(step: String) {
        let error = #expect(throws: WorkflowErrors.self) { try parse("name: w\nsteps:\n" + step + "\n") }
        #expect("\(error.map { "\($0)" } ?? "")".contains("budget"))
    }

    @Test("a called workflow's budget becomes that of the step that calls it, unless that has its own")
    func called() throws {
        let caller = try parse(
            "name: w\nsteps:\n  - { id: a, workflow: k }\n  - { id: b, workflow: k, budget: 1 }\n")
        let linked = try caller.linked(["k": parse("name: k\nbudget: 3\nsteps:\n  - { id: s, run: x }\n")])
        #expect(linked.step("a")?.budget == Budget(usd: 3) && linked.step("b")?.budget == Budget(usd: 1))
    }
}
