import CPlatform
import Foundation
import Glibc

/// The file that tells the shims of this host until when their commands may go on without a worker.
///
/// Only where other hosts may take the runs over. A worker moves the moment with each heartbeat that is answered; when
/// none is left to do so, because it is stopped, dead or cut off, the shims end their commands before another host
/// begins.
struct LifeLine: Sendable {
    let path: String
    /// From the sending of a heartbeat on.
    let span: Duration

    /// Nil where all workers are on this host: then whoever comes next adopts what runs, however late.
    init?(_ home: RunnerHome, _ settings: RunnerSettings, lease: Duration) {
        guard settings.storage == .server else { return nil }
        path = home.lifeLine
        // The rest is for ending, and for the difference between two clocks in so short a time.
        span = max(Takeover.silence(settings), lease) * 5 / 6
    }

    /// Says that a heartbeat sent at `moment` of the boot clock was answered.
    func extend(from moment: Duration) {
        let until = Int64((moment + span) / .milliseconds(1))
        let temporary = "\(path).\(getpid())"
        // Whole or not at all: a reader must never see half a number.
        guard (try? Data("\(until)".utf8).write(to: URL(fileURLWithPath: temporary))) != nil else { return }
        if rename(temporary, path) != 0 { unlink(temporary) }
    }
}
