import RunnerCore

extension RunWalk {
    /// What steps that have ended left for others to see, candidates included.
    var visibleFacts: [String: StepFacts] {
        candidateFacts.isEmpty ? facts : facts.merging(candidateFacts) { $1 }
    }

    func baseContext() -> TemplateContext {
        TemplateContext(
            taskNumber: setting.task.number, taskTitle: setting.task.title, taskPrompt: setting.task.prompt,
            repositoryName: setting.repository.name, repositoryURL: setting.repository.url,
            repositoryBranch: setting.repository.defaultBranch ?? "",
            baseBranch: setting.context.baseName ?? "", baseCommit: setting.environment.baseCommit,
            runNumber: run.number, inputs: setting.context.inputs, env: [:], steps: [:],
            turn: setting.context.turn ?? TurnValues())
    }

    /// Where the step stands; its context has the declared environment too, where it can be rendered.
    func place(of step: WorkflowStep) -> RunScope.Place {
        let scope = RunScope(state: state, facts: visibleFacts, base: baseContext())
        var place =
            (try? scope.place(of: step.id)) ?? RunScope.Place(context: baseContext(), workflow: setting.definition)
        place.context.env = (try? place.context.environment(of: step, in: place.workflow)) ?? [:]
        place.context.turn.candidates = candidateList(for: step.id).map(CandidateText.describe)
        return place
    }
}
