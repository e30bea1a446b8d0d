extension WorkflowDefinition {
    /// How often a set-up is tried.
    package static let setupAttempts = 3

    /// The workflow with the set-up as its first step; the same without one.
    package func settingUp(with scripts: EnvironmentScripts?) -> WorkflowDefinition {
        guard let text = scripts?.setup else { return self }
        var complete = self
        let step = WorkflowStep(
            id: setupKey, name: "set-up", stage: "setup", body: .script(ScriptBody(text: text)),
            maxAttempts: Self.setupAttempts)
        complete.steps.insert(step, at: 0)
        return complete
    }

    /// What the set-up is called in a run of this workflow: `setup`, unless one of its own steps is.
    package var setupKey: String {
        let names = ["setup", "environment-setup"] + (2...).lazy.prefix(1_000).map { "environment-setup-\($0)" }
        return names.first { step($0) == nil } ?? "setup"
    }
}
