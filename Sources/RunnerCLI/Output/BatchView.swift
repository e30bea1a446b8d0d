import RunnerCore

/// A batch as `runner batch show --json` prints it.
struct BatchView: Encodable {
    let batch: BatchRecord
    let items: [BatchItemRecord]
}
