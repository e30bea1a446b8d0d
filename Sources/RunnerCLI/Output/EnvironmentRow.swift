import RunnerCore

/// An environment as `runner env list --json` prints it.
struct EnvironmentRow: Encodable {
    let taskNumber: Int
    let environment: EnvironmentRecord

    init(_ environment: EnvironmentRecord, task: Int) {
        self.environment = environment
        taskNumber = task
    }
}
