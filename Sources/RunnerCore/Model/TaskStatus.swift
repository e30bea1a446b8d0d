/// Where a task or a run stands; `waiting` holds no process and no slot.
package enum TaskStatus: String, Sendable, Codable, CaseIterable {
    case queued, running, waiting, completed, failed, cancelled

    package var isTerminal: Bool {
        switch self {
        case .completed, .failed, .cancelled: true
        case .queued, .running, .waiting: false
        }
    }
}

/// A run has the states of its task.
package typealias RunStatus = TaskStatus
