import RunnerCore
import Store

/// One column of a board with its tasks, newest first.
struct BoardColumn: Encodable {
    /// A stage, a state, or `done`.
    let name: String
    let tasks: [TaskRow]

    /// The columns that have tasks; by stage when the order of these is given, else by state.
    static func columns(of tasks: [TaskSummary], stages: [String]?, questions: [Int: String]) -> [BoardColumn] {
        let done = "done"
        func column(_ summary: TaskSummary) -> String {
            guard stages != nil else { return summary.task.status.rawValue }
            return summary.task.status == .completed ? done : summary.task.stage ?? "no stage"
        }
        let groups = Dictionary(grouping: tasks, by: column)
        var order = TaskStatus.allCases.map(\.rawValue)
        if let stages {
            // Where a person put a task is before what the workflows know.
            let own = Set(groups.keys).subtracting(stages).subtracting([done])
            order = own.sorted() + stages.filter { $0 != done } + [done]
        }
        return order.compactMap { name in
            groups[name].map { tasks in
                BoardColumn(name: name, tasks: tasks.map { TaskRow($0, question: $0.task.question(among: questions)) })
            }
        }
    }
}
