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

    /// Says that a heartbeat sent at `moment` of the boot clock was answered.
    func extend(from moment: Duration) {
        let until = String(Int64((moment + span) / .milliseconds(1)))
        // Always as wide as the widest, so that one can take the place of another.
        let text = Data((String(repeating: "0", count: max(0, 20 - until.utf8.count)) + until).utf8)
        let temporary = "\(path).\(getpid())"
        // Whole or not at all: a reader must never see half a number.
        if (try? text.write(to: URL(fileURLWithPath: temporary))) != nil, rename(temporary, path) == 0 { return }
        unlink(temporary)
        overwrite(with: text)
    }

    /// On a full disk, for a host that is well must not end all its steps: this needs no block that is not there already.
    private func overwrite(with text: Data) {
        let file = runner_open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0)
        guard file >= 0 else { return }
        defer { close(file) }
        _ = text.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
    }
}

extension LifeLine {
    /// Nil where all workers are on this host: then whoever comes next adopts what runs, however late.
    init?(_ home: RunnerHome, _ settings: RunnerSettings, lease: Duration) {
        guard settings.storage == .server else { return nil }
        path = home.lifeLine
        // The rest is for ending, and for the difference between two clocks in so short a time.
        span = max(Takeover.silence(settings), lease) * 5 / 6
    }
}
