import Foundation
import RunnerCore
import Store

/// Permission that running agents of this host ask for.
extension Workspace {
    /// The questions that wait, those that wait longest first, with the titles of their tasks.
    package func permissionQuestions() async throws -> [(question: PermissionQuestion, title: String)] {
        var found: [(question: PermissionQuestion, title: String)] = []
        for (_, question) in openQuestions() {
            // An agent could write anything there; a question of no task is none.
            guard let task = try? await store.task(matching: String(question.task)) else { continue }
            found.append((question, task.title))
        }
        return found
    }

    /// What each task's agent waits for, by the task's number; of several questions the oldest.
    ///
    /// Only of this host's running agents. An agent could write anything there: it counts for a task that runs.
    package func openQuestionTitles() -> [Int: String] {
        Dictionary(openQuestions().map { ($0.1.task, $0.1.title) }, uniquingKeysWith: { first, _ in first })
    }

    /// Answers the oldest question of the task that `answer` can mean; nil when there is none.
    func answerQuestion(of task: TaskRecord, _ answer: GateAnswer) throws -> DecidedGate? {
        let meant = openQuestions().first { _, question in
            question.task == task.number && (answer.step ?? question.step) == question.step
                && (answer.run ?? question.run) == question.run
        }
        guard let (box, question) = meant else { return nil }
        guard answer.rework == nil else {
            throw EngineError(
                .wrongState, "task \(task.number) asks for a permission, which has no step to go back to",
                hint: "leave out --to")
        }
        let by = NSUserName()
        guard
            try box.give(
                PermissionQuestion.Answer(isAllowed: answer.isApproval, by: by, note: answer.note), to: question.number)
        else {
            throw EngineError(.wrongState, "the question of task \(task.number) was answered already", hint: nil)
        }
        return DecidedGate(
            task: task.number, step: question.step, decision: answer.isApproval ? .approved : .rejected, by: by,
            note: answer.note, rework: nil)
    }

    private func openQuestions() -> [(QuestionBox, PermissionQuestion)] {
        let attempts = (try? FileManager.default.contentsOfDirectory(atPath: home.attempts)) ?? []
        let now = Date()
        return attempts.flatMap { name in
            let box = QuestionBox(folder: StepFiles(folder: home.attempt(name)).agent)
            return box.waiting(at: now).map { (box, $0) }
        }.sorted { $0.1.askedAt < $1.1.askedAt }
    }
}
