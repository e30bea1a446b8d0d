import Engine
import RunnerCore
import Synchronization

/// Names tasks in a daemon's log: by the folder of their worktree once it is known, else by id.
final class TaskNumbers: Sendable {
    private let names = Mutex<[TaskID: String]>([:])

    func name(of id: TaskID, _ event: ProgressEvent) -> String {
        names.withLock { names in
            if case .environmentReady(let environment, _) = event,
                let folder = environment.worktreePath.split(separator: "/").last
            {
                names[id] = "task " + folder.prefix { $0.isNumber }
            }
            let name = names[id] ?? "task \(id.description.prefix(8))"
            if case .runFinished = event { names[id] = nil }
            return name
        }
    }
}
