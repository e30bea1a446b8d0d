import Foundation

/// The shim and the command of an attempt, as the shim recorded them before the command could run.
package struct AttemptIdentity: Sendable, Hashable, Codable {
    package let shimVersion: String
    package let bootID: String
    package let shimPID: Int32
    /// Clock ticks since boot, as `HostIdentity.processStart`.
    package let shimStart: Int
    package let commandPID: Int32
    package let commandStart: Int
    /// `RUNNER_ATTEMPT=<id>`.
    package let marker: String
    /// The folder of the attempt's cgroup, where it has one.
    package var cgroup: String?

    private enum CodingKeys: String, CodingKey {
        case shimVersion = "shim_version"
        case bootID = "boot_id"
        case shimPID = "shim_pid"
        case shimStart = "shim_start"
        case commandPID = "command_pid"
        case commandStart = "command_start"
        case marker, cgroup
    }

    /// The identity in `directory`, or nil while the shim has not got so far.
    package static func read(from directory: String) throws -> AttemptIdentity? {
        try AttemptFile.decode(AttemptIdentity.self, from: directory + "/identity")
    }
}
