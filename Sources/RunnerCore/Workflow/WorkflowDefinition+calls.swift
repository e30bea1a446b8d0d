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
        var linker = WorkflowLinker(called)
        let whole = try linker.link(steps, through: [name])
        guard whole.places <= StepLayout.limit else { throw .tooManySteps(limit: StepLayout.limit) }
        complete.steps = WorkflowStep.placed(whole.steps, in: stages)
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
}
