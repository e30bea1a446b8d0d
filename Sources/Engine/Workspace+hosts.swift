import Git
import RunnerCore
import Store

extension Workspace {
    /// Throws where a task's work is on another host: what this one has of it is older, as after a takeover, or nothing.
    func checkIsHere(
        _ environment: EnvironmentRecord, of task: TaskRecord,
        hint: String = "run this command there; runner show, steps and log tell of the task on every host"
    ) throws(EngineError) {
        guard environment.host != HostIdentity.hostname else { return }
        throw EngineError(
            .wrongState, "the worktree of task \(task.number) is on the host \"\(environment.host)\"",
            hint: hint)
    }
}
