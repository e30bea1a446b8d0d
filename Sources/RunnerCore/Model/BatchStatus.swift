/// Where a batch stands.
package enum BatchStatus: String, Sendable, Codable, CaseIterable {
    /// Made, and not begun.
    case pending
    case processing
    /// Every item completed.
    case completed
    /// It has ended and some item did not complete.
    case failed
    case cancelled

    package var isTerminal: Bool { self != .pending && self != .processing }
}

/// Where an item of a batch stands; `processing` has a task that has not ended.
package enum BatchItemStatus: String, Sendable, Codable, CaseIterable {
    case pending, processing, completed, failed, cancelled, skipped
}
