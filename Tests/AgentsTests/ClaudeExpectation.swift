import Agents
import RunnerCore

/// What a recording holds, written down by reading its lines.
struct ClaudeExpectation: Sendable {
    struct Tool: Sendable, Hashable {
        let id: String
        let name: String
        let status: ToolExecution.Status
    }

    let fixture: String
    let session: String?
    var messages: [String] = []
    var tools: [Tool] = []
    /// Input, output, cache read, cache write; nil where no line tells.
    let tokens: [Int]?
    let cost: Double?
    var model: String? = "claude-opus-5-5"
    var status = AgentOutcome.Status.succeeded
    var kind: AgentErrorKind?
    var reason = ""
    var finalText: String?
    var retries = 0

    private static let one = [1001, 51, 200, 30]
    private static let two = [2003, 103, 600, 90]
    private static let five = [5015, 265, 3000, 450]
    private static let look = "I'll look at the code first."
    private static let fixed = "Fixed add() and created hello.txt."
    private static let fourTools = [
        Tool(id: "toolu_877cda0001_0", name: "Read", status: .succeeded),
        Tool(id: "toolu_877cda0002_0", name: "Edit", status: .succeeded),
        Tool(id: "toolu_877cda0003_0", name: "Write", status: .succeeded),
        Tool(id: "toolu_877cda0004_0", name: "Bash", status: .succeeded),
    ]

    static let all = successes + failures + stopped

    private static let successes: [ClaudeExpectation] = [
        .init(
            fixture: "success", session: "d4b812c9-d351-4187-9e41-03b0f44c8427", messages: [look, fixed],
            tools: fourTools, tokens: five, cost: 0.02821, finalText: fixed),
        .init(
            fixture: "success-partial", session: "7604e89c-0528-41df-9f50-f8c0e775daab", messages: [look, fixed],
            tools: fourTools, tokens: five, cost: 0.02821, finalText: fixed),
        .init(
            fixture: "success-json", session: "e11be98f-66b5-4d36-aa83-8648839a5b22", tokens: five, cost: 0.02821,
            finalText: fixed),
        .init(
            fixture: "thinking", session: "5d776c46-53c5-476a-ae7c-783fecee3ccf", messages: ["Hello."], tokens: one,
            cost: 0.005214, finalText: "Hello."),
        .init(
            fixture: "parallel-tools", session: "2cce68ad-6875-42af-8367-c7eb6c812af2",
            messages: ["Two at once.", "Both ran."],
            tools: [
                Tool(id: "toolu_bb0ce80001_0", name: "Bash", status: .succeeded),
                Tool(id: "toolu_bb0ce80001_1", name: "Bash", status: .succeeded),
            ], tokens: two, cost: 0.010642, finalText: "Both ran."),
        .init(
            fixture: "subagent", session: "6779d939-6f6e-4ca8-9139-f1eaddfa510d",
            messages: ["The subagent counted 2 files."],
            tools: [
                Tool(id: "toolu_0629720001_0", name: "Agent", status: .succeeded),
                Tool(id: "toolu_0629720002_0", name: "Bash", status: .succeeded),
            ], tokens: [4010, 210, 2000, 300], cost: 0.02214, finalText: "The subagent counted 2 files."),
        .init(
            fixture: "stdin-prompt", session: "af5fe932-1504-480d-8dcc-febf91d29946", messages: ["Read it all."],
            tokens: one, cost: 0.005214, finalText: "Read it all."),
        .init(
            fixture: "stream-json-input", session: "e6f9e3c5-7a4a-45bf-a5dd-1ff5bcc1f449",
            messages: ["First done.", "Second done."], tokens: two, cost: 0.010642, finalText: "Second done."),
        .init(
            fixture: "rate-limit-recovered", session: "ba5c52e3-ec9e-484c-ae09-0117c8e63679",
            messages: ["Recovered."], tokens: [1002, 52, 400, 60], cost: 0.005428, finalText: "Recovered.",
            retries: 2),
        .init(
            fixture: "overloaded-midstream", session: "2b642fff-e636-41f2-a2a4-de9e77ca0a5f",
            messages: ["Recovered."], tokens: [1002, 52, 400, 60], cost: 0.005428, finalText: "Recovered."),
        .init(
            fixture: "disconnect-midstream", session: "26103737-ba31-4bba-b63c-47e9c286d25b",
            messages: ["Recovered."], tokens: [2003, 67, 600, 90], cost: 0.009922, finalText: "Recovered.",
            retries: 1),
        .init(
            fixture: "refusal", session: "732238c5-267f-4838-8994-4d41c77a0528",
            messages: ["I can't help with that.", "stub: the script has no more turns"],
            tokens: [1101, 71, 200, 30], cost: 0.006014, finalText: "stub: the script has no more turns"),
        .init(
            fixture: "tool-failure", session: "11f8b648-117b-464f-b432-8c1f2771351f",
            messages: ["First a failing command.", "Four tool calls failed; I give up."],
            tools: [
                Tool(id: "toolu_3c13e40001_0", name: "Bash", status: .failed),
                Tool(id: "toolu_3c13e40002_0", name: "Edit", status: .failed),
                Tool(id: "toolu_3c13e40003_0", name: "NoSuchTool", status: .failed),
                Tool(id: "toolu_3c13e40004_0", name: "Bash", status: .failed),
            ], tokens: five, cost: 0.02821, finalText: "Four tool calls failed; I give up."),
        .init(
            fixture: "permission-denied", session: "18eef5e1-073d-4d47-be35-f96e9ddd9e48",
            messages: ["I was not allowed."],
            tools: [Tool(id: "toolu_3674e10001_0", name: "Bash", status: .denied)], tokens: two, cost: 0.010642,
            finalText: "I was not allowed."),
        .init(
            fixture: "root-bypass", session: "08636d67-cab9-4954-a56c-5220129b797c", messages: ["Done."],
            tools: [Tool(id: "toolu_5d11870001_0", name: "Bash", status: .succeeded)], tokens: two, cost: 0.010642,
            finalText: "Done."),
        .init(
            fixture: "resume.1", session: "f4db01b6-8322-4515-952c-7c09e3ab2db7",
            messages: ["My name for this is Blue."], tokens: one, cost: 0.005214,
            finalText: "My name for this is Blue."),
        .init(
            fixture: "resume.2", session: "f4db01b6-8322-4515-952c-7c09e3ab2db7", messages: ["Still Blue."],
            tokens: [1002, 52, 400, 60], cost: 0.005428, finalText: "Still Blue."),
        .init(
            fixture: "resume-other-cwd.1", session: "45c00063-579c-461a-964a-413f009aed56",
            messages: ["My name for this is Blue."], tokens: one, cost: 0.005214,
            finalText: "My name for this is Blue."),
        .init(
            fixture: "resume-other-cwd.2", session: "45c00063-579c-461a-964a-413f009aed56",
            messages: ["Still Blue."], tokens: [1002, 52, 400, 60], cost: 0.005428, finalText: "Still Blue."),
        .init(
            fixture: "continue-fork.1", session: "11111111-2222-4333-8444-555555555555", messages: ["One."],
            tokens: one, cost: 0.005214, finalText: "One."),
        .init(
            fixture: "continue-fork.2", session: "11111111-2222-4333-8444-555555555555", messages: ["Two."],
            tokens: [1002, 52, 400, 60], cost: 0.005428, finalText: "Two."),
        .init(
            fixture: "continue-fork.3", session: "61bc398e-4d80-4e65-add2-29f3c13496d2", messages: ["Three."],
            tokens: [1003, 53, 600, 90], cost: 0.005642, finalText: "Three."),
    ]

    private static let failures: [ClaudeExpectation] = [
        .init(
            fixture: "auth-error", session: "19388746-9ecc-44c2-83e4-90559cbaac0e", tokens: [0, 0, 0, 0], cost: 0,
            status: .failed, kind: .authentication,
            reason: "claude: authentication failed (HTTP 401): Invalid API key · Fix external API key", retries: 2),
        .init(
            fixture: "no-key", session: "77654cba-e817-4f82-b505-f4a14f6aa3f4", tokens: [0, 0, 0, 0], cost: 0,
            status: .failed, kind: .authentication,
            reason: "claude: authentication failed: Not logged in · Please run /login"),
        .init(
            fixture: "billing-error", session: "1196d26b-f460-40cd-8915-38161c3d2eb4", tokens: [0, 0, 0, 0], cost: 0,
            status: .failed, kind: .billing,
            reason: "claude: the account has no credit (HTTP 400): Credit balance is too low"),
        .init(
            fixture: "rate-limit-exhausted", session: "8d38aa4f-dcf1-4f08-aaf5-1be8e9c01750", tokens: [0, 0, 0, 0],
            cost: 0, status: .failed, kind: .rateLimit, reason: "claude: rate limit reached (HTTP 429): API Error",
            retries: 2),
        .init(
            fixture: "overloaded-exhausted", session: "d50fa346-a5f9-4b0c-b840-bbe7d270359a", tokens: [0, 0, 0, 0],
            cost: 0, status: .failed, kind: .overloaded, reason: "claude: the model is overloaded (HTTP 529)",
            retries: 2),
        .init(
            fixture: "server-error-exhausted", session: "ce276e87-305a-49b2-ac9f-a931cd256fee",
            tokens: [0, 0, 0, 0], cost: 0, status: .failed, kind: .serverError,
            reason: "claude: the model's server failed (HTTP 500)", retries: 2),
        .init(
            fixture: "unreachable", session: "0e12610a-f3f8-4c2c-a3f5-fa877e62bfc0", tokens: [0, 0, 0, 0], cost: 0,
            status: .failed, kind: .connection,
            reason: "claude: no connection to the model's server: API Error: Connection refused", retries: 2),
        .init(
            fixture: "prompt-too-long", session: "25a89dd6-9995-4bb1-a029-0eef8e655d5a", tokens: [0, 0, 0, 0],
            cost: 0, status: .failed, kind: .promptTooLong, reason: "claude: the prompt is too long (HTTP 400)"),
        .init(
            fixture: "max-tokens", session: "9ccc4d84-16cd-4c49-afd0-db0377dc0f68",
            messages: Array(repeating: "This answer was cut", count: 4), tokens: [4004, 204, 800, 120],
            cost: 0.020856, status: .failed, kind: .outputLimit,
            reason: "claude: the answer was cut at the output limit: API Error: Claude's response exceeded",
            finalText: "This answer was cut"),
        .init(
            fixture: "max-turns", session: "51d50380-e9be-410c-8a41-ab5f4fa572aa", messages: [look],
            tools: Array(fourTools.prefix(2)), tokens: two, cost: 0.010642, status: .failed, kind: .maxTurns,
            reason: "claude: the turn limit was reached: Reached maximum number of turns (2)", finalText: look),
        .init(
            fixture: "max-budget", session: "ee69d6aa-4a45-4b17-959c-2c669fcd19f2", messages: [look],
            tools: [fourTools[0], Tool(id: "toolu_877cda0002_0", name: "Edit", status: .unknown)], tokens: two,
            cost: 0.010642, status: .failed, kind: .maxBudget,
            reason: "claude: the budget is used up: Reached maximum budget ($0.01)", finalText: look),
        .init(
            fixture: "resume-unknown", session: "99999999-2222-4333-8444-555555555555", tokens: [0, 0, 0, 0],
            cost: 0, model: nil, status: .failed, kind: .unknownSession,
            reason: "claude: the session to resume does not exist: No conversation found with session ID"),
        .init(
            fixture: "bad-flag", session: nil, tokens: nil, cost: nil, model: nil, status: .failed,
            kind: .notStarted,
            reason: "claude: did not start (exit status 1): error: unknown option '--no-such-flag'"),
        .init(
            fixture: "root-refusal", session: nil, tokens: nil, cost: nil, model: nil, status: .failed,
            kind: .notStarted,
            reason: "claude: did not start (exit status 1): --dangerously-skip-permissions cannot be used with root"),
        .init(
            fixture: "success-text", session: nil, tokens: nil, cost: nil, model: nil, status: .failed,
            kind: .noResult, reason: "claude: ended without a result (exit status 0)"),
        .init(
            fixture: "stalled-reader", session: "99d8164b-2639-4efc-9d01-cdba14368d7c", tokens: nil, cost: nil,
            status: .failed, kind: .noResult, reason: "claude: ended without a result (exit status 0)"),
    ]

    private static let stopped: [ClaudeExpectation] = [
        .init(
            fixture: "sigint-stream", session: "6b7f8cd9-ac9e-4771-9586-2f6e4c80236d",
            messages: ["I am thinking about this for a very long time, and then some more."],
            tokens: [1001, 22, 200, 30], cost: 0.004634, status: .interrupted, kind: .interrupted,
            reason: "claude: interrupted (while the model was answering)",
            finalText: "I am thinking about this for a very long time, and then some more."),
        .init(
            fixture: "sigint-tool", session: "3f59445a-a60c-4ae7-9f47-077faedec28e",
            tools: [Tool(id: "toolu_0d8c760001_0", name: "Bash", status: .failed)], tokens: one, cost: 0.005214,
            status: .interrupted, kind: .interrupted, reason: "claude: interrupted (while a tool was running)"),
        .init(
            fixture: "sigterm-stream", session: "af4f85a8-bdc2-41d6-8da0-c5b3ab501d79", tokens: nil, cost: nil,
            status: .interrupted, kind: .interrupted, reason: "claude: ended by SIGTERM before it was done"),
        .init(
            fixture: "sigterm-tool", session: "4f70260d-475c-44e2-952f-1d089d6bd71c",
            tools: [Tool(id: "toolu_0d8c760001_0", name: "Bash", status: .failed)], tokens: nil, cost: nil,
            status: .interrupted, kind: .interrupted, reason: "claude: ended by SIGTERM before it was done"),
        .init(
            fixture: "sigkill-tool", session: "69307561-2bfd-463d-9a0b-09964e281421",
            tools: [Tool(id: "toolu_0d8c760001_0", name: "Bash", status: .unknown)], tokens: nil, cost: nil,
            status: .failed, kind: .killed, reason: "claude: killed by SIGKILL before it was done"),
        .init(
            fixture: "sigkill-group", session: "101fa109-6372-409c-a18c-a11a0e483fc3",
            tools: [Tool(id: "toolu_0d8c760001_0", name: "Bash", status: .unknown)], tokens: nil, cost: nil,
            status: .failed, kind: .killed, reason: "claude: killed by SIGKILL before it was done"),
    ]
}
