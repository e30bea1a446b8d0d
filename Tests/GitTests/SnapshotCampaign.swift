import Foundation

/// Whether the long campaigns run, and with what numbers.
enum SnapshotCampaign {
    static let isLong = ProcessInfo.processInfo.environment["RUNNER_LONG_TESTS"] == "1"

    static let seed: UInt64 =
        ProcessInfo.processInfo.environment["RUNNER_TORTURE_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...999_999)
}
