import CPlatform
import Glibc

/// The moment until which a command may go on although no worker gives a sign of life; workers move it.
///
/// Where other hosts may take a run over, the command must have ended before they do, also when its own worker is
/// stopped or dead and nobody is left to end it.
struct LifeLine {
    private let path: String
    /// Milliseconds of the clock that goes on while the machine sleeps.
    private(set) var until: Int64

    /// However far the end is, it is looked at this often: timers stand still while the machine sleeps.
    static let longestWait: Int64 = 10_000

    init(path: String) {
        self.path = path
        until = LifeLine.read(path)
    }

    /// Whether the moment is over and nobody has moved it.
    mutating func isCut(at now: Int64) -> Bool {
        guard now >= until else { return false }
        until = LifeLine.read(path)
        return now >= until
    }

    /// 0 for a file that says nothing.
    private static func read(_ path: String) -> Int64 {
        let file = runner_open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = Glibc.read(file, &bytes, bytes.count)
        return Int64(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)) ?? 0
    }
}
