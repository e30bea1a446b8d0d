import CPlatform
import Glibc

/// Watches one command from its start until no process of it is left.
///
/// One thread, one loop: wait for output, a signal or the next deadline; take what is there; decide by the phase.
final class Supervisor {
    enum Phase {
        case running
        /// The command is gone; its last output is read, and processes that are about to end may do so.
        case settling
        /// What is left is asked to end, then killed.
        case sweeping
        case over
    }

    let spec: CommandSpec
    let pid: pid_t
    let family: ProcessFamily
    let outputs: [OutputDrain]
    let signals: SignalInbox
    private let bell = OutputBell()
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: OutputDrain.bufferSize, alignment: 4096)

    var phase = Phase.running
    let startedAt = ShimClock.monotonic()
    let startedWall = ShimClock.wall()
    var chain: StopChain
    /// Why the stop chain was begun.
    var cause: ExitReason?
    var softStopAsked = false
    var hardStopAsked = false
    /// The command's wait status, once it is reaped.
    var status: Int32?
    var endedAt: Int64 = 0
    var endedWall: Int64 = 0
    var lastOutputAt: Int64
    var lifeLine: LifeLine?
    var hasChildren = true
    var sweep = Sweep()

    init(spec: CommandSpec, pid: pid_t, family: ProcessFamily, outputs: [OutputDrain], signals: SignalInbox) {
        self.spec = spec
        self.pid = pid
        self.family = family
        self.outputs = outputs
        self.signals = signals
        chain = StopChain(stages: spec.stopStages)
        lifeLine = spec.lifeLine.map { LifeLine(path: $0) }
        lastOutputAt = startedAt
    }

    deinit {
        buffer.deallocate()
    }

    /// Returns when the command and all that it started are gone, or cannot be ended.
    func run() -> ExitRecord {
        while phase != .over {
            waitForSomething()
            while let signal = signals.next() { take(signal) }
            drainOutputs()
            reap()
            advance(at: ShimClock.monotonic())
        }
        drainOutputs()
        for output in outputs { output.finish() }
        family.cgroup?.remove()
        return record()
    }

    private func waitForSomething() {
        var watched = [pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)]
        for output in outputs where !output.hasEnded {
            watched.append(pollfd(fd: output.pipe, events: Int16(POLLIN), revents: 0))
        }
        var timeout: Int32 = -1
        if let next = nextDeadline() {
            timeout = Int32(clamping: max(0, next - ShimClock.monotonic()))
        }
        poll(&watched, nfds_t(watched.count), timeout)
    }

    private func take(_ signal: Int32) {
        switch signal {
        case SIGINT, SIGTERM: softStopAsked = true
        case SIGQUIT: hardStopAsked = true
        default: break
        }
    }

    private func drainOutputs() {
        var grew = false
        for output in outputs where output.drain(using: buffer) { grew = true }
        guard grew else { return }
        lastOutputAt = ShimClock.monotonic()
        bell.ring()
        // Waking for each write of a program that writes a lot takes the processor from that program.
        if outputs.contains(where: \.trickles) { _ = runner_wait_readable(signals.descriptor, 250) }
    }

    private func reap() {
        while true {
            var state: Int32 = 0
            let child = waitpid(-1, &state, WNOHANG)
            guard child > 0 else {
                hasChildren = !(child < 0 && errno == ECHILD)
                return
            }
            if child == pid {
                status = state
                endedAt = ShimClock.monotonic()
                endedWall = ShimClock.wall()
            }
        }
    }
}
