import Engine
import RunnerCore
import Synchronization

/// Names tasks in a daemon's log: by the folder of their worktree once it is known, else by id.
final class TaskNumbers: Sendable {
    private let names = Mutex<[TaskID: String]>([:])

    /// "waiting for 12, 13 and 4 more".
    static func waiting(for numbers: [Int]) -> String {
        let shown = numbers.prefix(3).map(String.init).joined(separator: ", ")
        return "waiting for \(shown)" + (numbers.count > 3 ? " and \(numbers.count - 3) more" : "")
    }

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
