import Git
import RunnerCore

extension RunnerHome {
    /// Whether an environment of this host is of this data folder; others of that host's name may share the server.
    func has(_ environment: EnvironmentRecord) -> Bool {
        if BytePath(environment.worktreePath).isWithin(BytePath(worktrees)) { return true }
        // A person may have moved the worktree, or the data folder; the clone has its branch.
        let hub = Hub(path: hub(environment.repositoryID.description))
        return (try? hub.open().reference("refs/heads/\(environment.branch)")) != nil
    }
}
