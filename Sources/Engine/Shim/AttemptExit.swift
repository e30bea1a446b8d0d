package import Foundation
import Glibc
package import RunnerCore

/// How an attempt ended, as the shim recorded it.
package struct AttemptExit: Sendable, Hashable, Codable {
    /// The first cause of the end.
    package enum Reason: String, Sendable, Codable {
        case exited
        /// A signal that did not come from the shim.
        case signaled
        case timedOutWall = "timed_out_wall"
        case timedOutIdle = "timed_out_idle"
        case cancelled
        /// There was no command to run: `error` says why, `exitCode` is 127 (not found) or 126.
        case spawnFailed = "spawn_failed"
        /// The shim died without a record, so nobody knows how the command ended; all its processes were ended.
        case lost
    }

    package let reason: Reason
    /// Nil when a signal ended the command, or nobody saw it end.
    package let exitCode: Int?
    package let signal: Int?
    /// Stages of the stop chain that were begun; 0 when nobody had to stop the command.
    package let stopStages: Int
    /// The last signal that the shim sent before the command ended.
    package let stopSignal: Int?
    /// The signals of the stages that were begun, in order; nil from a shim of an earlier version.
    package var stopSignals: [Int]?
    /// How its processes were found and ended: "cgroup" or "subreaper"; nil when nothing ran.
    package var killScope: String?
    /// Processes beside the command that had to be ended one by one; mostly what outlived it.
    package let survivorsKilled: Int
    /// Processes that could not be ended, such as another user's.
    package let survivorsLeft: Int
    /// Bytes of standard output that were kept, and bytes that the command wrote.
    package let stdoutBytes: Int
    package let stdoutTotal: Int
    package let stderrBytes: Int
    package let stderrTotal: Int
    /// Why output could not be kept in full, such as a full disk.
    package let outputError: String?
    /// Why there was no command to run, or why nobody knows its end.
    package let error: String?
    /// The errno behind `error`.
    package let errorCode: Int?
    package let startedMilliseconds: Int
    package let endedMilliseconds: Int
    /// By the monotonic clock, from the start of the command to its end.
    package let durationMilliseconds: Int
    /// Of the largest process.
    package let maxResidentKiB: Int?
    package let userMilliseconds: Int?
    package let systemMilliseconds: Int?

    private enum CodingKeys: String, CodingKey {
        case reason, signal, error
        case exitCode = "exit_code"
        case stopStages = "stop_stages"
        case stopSignal = "stop_signal"
        case stopSignals = "stop_signals"
        case killScope = "kill_scope"
        case survivorsKilled = "survivors_killed"
        case survivorsLeft = "survivors_left"
        case stdoutBytes = "stdout_bytes"
        case stdoutTotal = "stdout_total"
        case stderrBytes = "stderr_bytes"
        case stderrTotal = "stderr_total"
        case outputError = "output_error"
        case errorCode = "error_code"
        case startedMilliseconds = "started_ms"
        case endedMilliseconds = "ended_ms"
        case durationMilliseconds = "duration_ms"
        case maxResidentKiB = "max_rss_kib"
        case userMilliseconds = "user_ms"
        case systemMilliseconds = "system_ms"
    }

    /// By the shim's wall clock.
    package var startedAt: Date { Date(timeIntervalSince1970: Double(startedMilliseconds) / 1000) }
    package var endedAt: Date { Date(timeIntervalSince1970: Double(endedMilliseconds) / 1000) }

    /// Whether some output was dropped because of the cap or a full disk.
    package var isTruncated: Bool { stdoutBytes < stdoutTotal || stderrBytes < stderrTotal }

    package var logSize: AttemptLogSize {
        AttemptLogSize(
            stdoutTotal: stdoutTotal, stdoutKept: stdoutBytes, stderrTotal: stderrTotal, stderrKept: stderrBytes)
    }

    /// What it took to end its processes; nil when they ended by themselves.
    package var stop: AttemptStop? {
        guard stopStages > 0 || survivorsKilled > 0 || survivorsLeft > 0 else { return nil }
        let cause = [.cancelled, .timedOutWall, .timedOutIdle].contains(reason) ? reason.rawValue : nil
        return AttemptStop(
            cause: cause, signals: (stopSignals ?? []).map(AttemptExit.signalName), scope: killScope,
            survivorsKilled: survivorsKilled, survivorsLeft: survivorsLeft)
    }

    private static func signalName(_ number: Int) -> String {
        switch Int32(number) {
        case SIGINT: "SIGINT"
        case SIGTERM: "SIGTERM"
        case SIGKILL: "SIGKILL"
        case SIGHUP: "SIGHUP"
        case SIGQUIT: "SIGQUIT"
        default: "signal \(number)"
        }
    }

    /// The record in `directory`, or nil while the attempt is not over.
    package static func read(from directory: String) throws -> AttemptExit? {
        try AttemptFile.decode(AttemptExit.self, from: directory + "/exit")
    }
}
