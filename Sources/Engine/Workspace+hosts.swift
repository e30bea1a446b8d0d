import Git
import RunnerCore
import Store

extension Workspace {
    /// Throws where a task's work is on another host, or in another data folder of this one: what this one has of it is older, as after a takeover, or nothing.
    func checkIsHere(
        _ environment: EnvironmentRecord, of task: TaskRecord,
        hint: String = "run this command there; runner show, steps and log tell of the task on every host"
    ) throws(EngineError) {
        guard environment.host == HostIdentity.hostname else {
            throw EngineError(
                .wrongState, "the worktree of task \(task.number) is on the host \"\(environment.host)\"",
                hint: hint)
        }
        guard home.has(environment) else {
            throw EngineError(
                .wrongState,
                "the worktree of task \(task.number), \"\(environment.worktreePath)\", is of another data folder than "
                    + home.root,
                hint: "run this command as its user, with RUNNER_HOME set to that; data folders that share a server "
                    + "each want a name of their own in RUNNER_HOST")
        }
    }
}
