import Glibc

/// One try at ending the command: a signal, to whom, and how long to wait before the next try.
struct StopStage {
    let signal: Int32
    /// Otherwise only the command's own process, as a person's interrupt of one agent would be.
    let wholeGroup: Bool
    /// Milliseconds.
    let wait: Int64

    init(signal: Int32, wholeGroup: Bool, wait: Int64) {
        self.signal = signal
        self.wholeGroup = wholeGroup
        self.wait = wait
    }

    /// Reads `<signal>:<process|group>:<milliseconds>`.
    init(parsing text: String) throws {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let signal = Int32(parts[0]), (1...64).contains(signal), let wait = Int64(parts[2]),
            wait >= 0, ["process", "group"].contains(parts[1])
        else { throw CommandSpec.refusal("bad stop stage") }
        self.init(signal: signal, wholeGroup: parts[1] == "group", wait: wait)
    }
}
