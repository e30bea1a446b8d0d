/// What later steps can see of a step that has ended.
package struct StepFacts: Sendable, Hashable, Codable {
    /// After `continue-on-error` was taken into account.
    package var status: StepStatus
    /// Before `continue-on-error` was taken into account.
    package var outcome: StepStatus
    package var exitCode: Int?
    package var outputs: [String: String]
    /// What the step wrote to `RUNNER_STEP_SUMMARY`.
    package var summary: String?
    /// An agent's final text, or the last output of a script.
    package var result: String?
    package var error: String?
    package var filesChanged: Int?

    package init(
        status: StepStatus, outcome: StepStatus? = nil, exitCode: Int? = nil, outputs: [String: String] = [:],
        summary: String? = nil, result: String? = nil, error: String? = nil, filesChanged: Int? = nil
    ) {
        self.status = status
        self.outcome = outcome ?? status
        self.exitCode = exitCode
        self.outputs = outputs
        self.summary = summary
        self.result = result
        self.error = error
        self.filesChanged = filesChanged
    }

    /// What several steps, in execution order, left together: the last that said something counts.
    package init(together steps: [StepFacts], status: StepStatus, error: String? = nil) {
        self.init(
            status: status, outputs: steps.reduce(into: [:]) { $0.merge($1.outputs) { $1 } },
            summary: steps.last { $0.summary != nil }?.summary, result: steps.last { $0.result != nil }?.result,
            error: error)
    }

    var members: TemplateMembers {
        var values: [String: Any] = [
            "status": status.rawValue, "outcome": outcome.rawValue, "outputs": TemplateMembers(outputs),
        ]
        values["exitcode"] = exitCode
        values["summary"] = summary
        values["result"] = result
        values["error"] = error
        values["files_changed"] = filesChanged
        return TemplateMembers(values)
    }
}
