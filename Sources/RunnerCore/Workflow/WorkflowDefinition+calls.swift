extension WorkflowDefinition {
    /// The workflows that its steps call, each once.
    package var calledNames: [String] {
        var names: [String] = []
        for name in allSteps.compactMap({ $0.group?.workflow }) where !names.contains(name) { names.append(name) }
        return names
    }

    /// Calls inside calls, at most.
    package static let deepestCall = 5

    /// The workflow with the steps of those that it calls in place.
    ///
    /// Throws for one that is not among `called`, for a circle, and for inputs that the called one does not take or
    /// lacks.
    package func linked(_ called: [String: WorkflowDefinition]) throws(WorkflowCallError) -> WorkflowDefinition {
        guard allSteps.contains(where: { $0.group?.workflow != nil }) else { return self }
        var complete = self
        complete.steps = WorkflowStep.placed(
            try WorkflowDefinition.linked(steps, called, through: [name]), in: stages)
        guard StepLayout(complete).count <= StepLayout.limit else { throw .tooManySteps(limit: StepLayout.limit) }
        if let key = complete.longestKey, key.utf8.count > 200 { throw .nameTooLong(key) }
        return complete
    }

    /// The circle to which a call of `name` leads; nil for none, as far as `called` tells.
    package func circle(
        calling name: String, among called: [String: WorkflowDefinition]
    ) -> WorkflowCallError? {
        var passed: Set<String> = []
        return WorkflowDefinition.circle(to: name, called, through: [self.name], &passed).map(WorkflowCallError.circle)
    }

    private static func circle(
        to name: String, _ called: [String: WorkflowDefinition], through callers: [String], _ passed: inout Set<String>
    ) -> [String]? {
        let workflow = called[name]
        if callers.contains(name) || workflow.map({ callers.contains($0.name) }) == true { return callers + [name] }
        guard let workflow, passed.insert(name).inserted else { return nil }
        for next in workflow.calledNames {
            if let circle = circle(to: next, called, through: callers + [name], &passed) { return circle }
        }
        return nil
    }

    private static func linked(
        _ steps: [WorkflowStep], _ called: [String: WorkflowDefinition], through callers: [String]
    ) throws(WorkflowCallError) -> [WorkflowStep] {
        var complete: [WorkflowStep] = []
        for var step in steps {
            if var group = step.group {
                if let name = group.workflow {
                    guard let workflow = called[name] else { throw .unknown(name, step: step.id) }
                    guard !callers.contains(workflow.name), !callers.contains(name) else {
                        throw .circle(callers + [name])
                    }
                    guard callers.count <= deepestCall else { throw .tooDeep(limit: deepestCall) }
                    try check(group.with, of: step.id, for: workflow)
                    step.budget = step.budget ?? workflow.budget
                    group.called = GroupBody.Called(inputs: workflow.inputs, env: workflow.env)
                    group.steps = WorkflowStep.placed(
                        try linked(workflow.steps, called, through: callers + [name]), in: workflow.stages)
                } else {
                    group.steps = try linked(group.steps, called, through: callers)
                }
                step.body = .group(group)
            }
            complete.append(step)
        }
        return complete
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
