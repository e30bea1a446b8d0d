/// What a condition can ask about the run so far, as in GitHub Actions.
package enum StatusFunction: String, Sendable, Hashable, CaseIterable {
    /// No earlier step failed and all needed steps succeeded.
    case success
    /// An earlier step failed.
    case failure
    case always
    /// The run is being cancelled.
    case cancelled

    /// True when naming it takes the place of the implied `success() &&`.
    package var replacesImpliedSuccess: Bool { self != .success }
}
