import CPlatform
import Git
import Glibc
import RunnerCore

/// The names of a new environment: folder, path and branch.
struct EnvironmentPlace: Sendable {
    let name: String
    let path: String
    let branch: String

    /// `<number>-<slug>`, with a number behind it where the branch, a branch of the origin or the folder exists.
    static func free(for task: TaskRecord, repository: Repository, hub: Hub, home: RunnerHome) throws
        -> EnvironmentPlace
    {
        let base = "\(task.number)-\(Slug.make(task.title))"
        let git = try hub.open()
        for number in 1...100 {
            let name = number == 1 ? base : "\(base)-\(number)"
            let place = EnvironmentPlace(
                name: name, path: "\(home.worktrees)/\(repository.name)/\(name)", branch: "runner/\(name)")
            let taken =
                try git.reference("refs/heads/\(place.branch)") != nil
                || git.reference("refs/remotes/origin/\(place.branch)") != nil
                || access("\(hub.path)/worktrees/\(name)", F_OK) == 0 || isThere(place.path)
            if !taken { return place }
        }
        throw EngineError(
            .internalFault, "no free branch name for task \(task.number)", hint: "run git branch in the clone")
    }

    /// True for a link that leads nowhere too.
    private static func isThere(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0
    }
}
