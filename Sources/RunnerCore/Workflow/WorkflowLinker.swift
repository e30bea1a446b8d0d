/// Puts workflows in the place of their calls. Each is worked out once, however often it is called, and no more steps are
/// written out than a run may come to.
struct WorkflowLinker {
    /// Steps with all calls in place.
    struct Linked {
        var steps: [WorkflowStep] = []
        /// Places in a layout; more than its limit means too many.
        var places = 0
        /// Calls inside calls.
        var depth = 0
    }

    private let called: [String: WorkflowDefinition]
    /// By the name that they are called by.
    private var done: [String: Linked] = [:]

    init(_ called: [String: WorkflowDefinition]) {
        self.called = called
    }

    /// `callers` are the workflows around the steps, the outermost first.
    mutating func link(_ steps: [WorkflowStep], through callers: [String]) throws(WorkflowCallError) -> Linked {
        var all = Linked()
        for var step in steps {
            var places = 1
            if var group = step.group {
                var inner: Linked
                if let name = group.workflow {
                    let workflow = try workflow(name, in: step.id, through: callers)
                    try Self.check(group.with, of: step.id, for: workflow)
                    inner = try link(workflow, as: name, through: callers)
                    inner.depth += 1
                    step.budget = step.budget ?? workflow.budget
                    group.called = GroupBody.Called(inputs: workflow.inputs, env: workflow.env)
                } else {
                    inner = try link(group.steps, through: callers)
                }
                group.steps = inner.steps
                places = StepLayout.places(of: group, turn: inner.places)
                all.depth = max(all.depth, inner.depth)
                step.body = .group(group)
            }
            all.places = min(all.places + places, StepLayout.limit * 2)
            all.steps.append(step)
        }
        return all
    }

    private func workflow(
        _ name: String, in step: String, through callers: [String]
    ) throws(WorkflowCallError) -> WorkflowDefinition {
        guard let workflow = called[name] else { throw .unknown(name, step: step) }
        guard !callers.contains(workflow.name), !callers.contains(name) else { throw .circle(callers + [name]) }
        let limit = WorkflowDefinition.deepestCall
        guard callers.count + (done[name]?.depth ?? 0) <= limit else { throw .tooDeep(limit: limit) }
        return workflow
    }

    private mutating func link(
        _ workflow: WorkflowDefinition, as name: String, through callers: [String]
    ) throws(WorkflowCallError) -> Linked {
        if let known = done[name] { return known }
        var linked = try link(workflow.steps, through: callers + [name])
        // What is below shares its memory with other calls until stages are written into it.
        guard linked.places <= StepLayout.limit else { throw .tooManySteps(limit: StepLayout.limit) }
        linked.steps = WorkflowStep.placed(linked.steps, in: workflow.stages)
        done[name] = linked
        return linked
    }

    private static func check(
        _ given: [String: String], of step: String, for workflow: WorkflowDefinition
    ) throws(WorkflowCallError) {
        for name in given.keys.sorted() where workflow.inputs[name] == nil {
            throw .unknownInput(
                name, workflow: workflow.name, step: step,
                suggestion: Suggestion.closest(to: name, among: workflow.inputs.keys.sorted()))
        }
        for (name, input) in workflow.inputs.sorted(by: { $0.key < $1.key })
        where input.required && input.defaultValue == nil && given[name] == nil {
            throw .missingInput(name, workflow: workflow.name, step: step)
        }
    }
}
