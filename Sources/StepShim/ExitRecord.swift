import Glibc

/// Everything that is known about an attempt when it is over: the content of `exit`.
struct ExitRecord {
    var reason: ExitReason
    var exitCode: Int32?
    var signal: Int32?
    /// Stages of the stop chain that were begun; 0 when nobody had to stop the command.
    var stopStages = 0
    /// The last signal that was sent before the command ended.
    var stopSignal: Int32?
    /// The signal of each stage that was begun, in order.
    var stopSignals: [Int32] = []
    /// By what the processes were found and ended: "cgroup", else "subreaper"; nil when nothing ran.
    var killScope: String?
    /// Processes beside the command that had to be ended one by one.
    var survivorsKilled = 0
    /// Processes that could not be ended (another user's, or stuck in the kernel).
    var survivorsLeft = 0
    var standardOutput = StreamTotals()
    var standardError = StreamTotals()
    /// Why output could not be written in full; the rest was counted.
    var outputError: String?
    /// Why there was no command to run.
    var error: String?
    var errorCode: Int32?
    var startedAt = ShimClock.wall()
    var endedAt = ShimClock.wall()
    var duration: Int64 = 0
    var usage: ChildUsage?

    func json() -> [UInt8] {
        var object = JSONObject()
        object.add("version", 1)
        object.add("reason", reason.rawValue)
        object.add("exit_code", exitCode)
        object.add("signal", signal)
        object.add("stop_stages", stopStages)
        object.add("stop_signal", stopSignal)
        object.add("stop_signals", stopSignals)
        object.add("kill_scope", killScope)
        object.add("survivors_killed", survivorsKilled)
        object.add("survivors_left", survivorsLeft)
        object.add("stdout_bytes", standardOutput.written)
        object.add("stdout_total", standardOutput.total)
        object.add("stderr_bytes", standardError.written)
        object.add("stderr_total", standardError.total)
        object.add("output_error", outputError)
        object.add("error", error.map { String(String.UnicodeScalarView($0.unicodeScalars.prefix(400))) })
        object.add("error_code", errorCode)
        object.add("started_ms", startedAt)
        object.add("ended_ms", endedAt)
        object.add("duration_ms", duration)
        object.add("max_rss_kib", usage?.maxResidentKiB)
        object.add("user_ms", usage?.userMilliseconds)
        object.add("system_ms", usage?.systemMilliseconds)
        object.add("shim_version", StepShim.version)
        return object.encoded()
    }
}
