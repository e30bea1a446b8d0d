import RunnerCore
import Testing

@Suite("Workflows in the place of their calls")
struct WorkflowCallTests {
    /// A workflow that calls `names`, or has one step of its own.
    private static func workflow(_ name: String, calling names: [String] = [], stages: String = "") throws
        -> WorkflowDefinition
    {
        let steps = names.enumerated().map { "  - { id: s\($0.offset), workflow: \($0.element)\(stages) }" }
        let stage = stages.isEmpty ? "" : "stages: [one]\n"
        let text =
            "name: \(name)\n\(stage)steps:\n"
            + (steps.isEmpty ? ["  - { id: a, run: x }"] : steps).joined(separator: "\n")
        return try WorkflowParser.parse(text, file: "\(name).yaml", knownAgents: [])
    }

    private static func known(_ workflows: [WorkflowDefinition]) -> [String: WorkflowDefinition] {
        Dictionary(uniqueKeysWithValues: workflows.map { ($0.name, $0) })
    }

    @Test(
        "calls that come to millions of steps are refused before the steps are written out",
        arguments: ["", ", stage: one"])
    func large(stages: String) throws {
        func chain(_ width: Int) throws -> (WorkflowDefinition, [String: WorkflowDefinition]) {
            func calls(_ name: String) -> [String] { Array(repeating: name, count: width) }
            return (
                try Self.workflow("la", calling: calls("lb"), stages: stages),
                Self.known([
                    try Self.workflow("lb", calling: calls("lc"), stages: stages),
                    try Self.workflow("lc", calling: calls("ld"), stages: stages),
                    try Self.workflow("ld", calling: calls("le"), stages: stages), try Self.workflow("le"),
                ])
            )
        }
        // 2.7 thousand million steps.
        let (large, all) = try chain(300)
        #expect(throws: WorkflowCallError.tooManySteps(limit: StepLayout.limit)) { try large.linked(all) }
        let (small, few) = try chain(3)
        let linked = try small.linked(few)
        #expect(linked.allSteps.count == 3 + 9 + 27 + 81 + 81)
        #expect(StepLayout(linked).count == linked.allSteps.count)
        #expect(linked.step("s2/s1/s0/s2/a") != nil)
    }

    @Test("a circle and too many calls inside calls are found in a workflow that is called a second time")
    func again() throws {
        let chain = try (1...5).map { number in
            try Self.workflow("w\(number)", calling: number < 5 ? ["w\(number + 1)"] : [])
        }
        let known = Self.known(chain)
        #expect(throws: Never.self) { try Self.workflow("top", calling: ["w1", "w3"]).linked(known) }
        // Four deep at its first call, six at its second.
        let deeper = known.merging(["more": try Self.workflow("more", calling: ["w1"])]) { $1 }
        #expect(throws: WorkflowCallError.tooDeep(limit: 5)) {
            try Self.workflow("top", calling: ["w1", "more"]).linked(deeper)
        }
        let round = known.merging(["w5": try Self.workflow("w5", calling: ["w2"])]) { $1 }
        for calls in [["w5"], ["w1"], ["w3", "w2"]] {
            #expect(throws: WorkflowCallError.self) { try Self.workflow("top", calling: calls).linked(round) }
        }
    }
}
