/// Why an attempt ended, as `exit` names it.
enum ExitReason: String {
    case exited
    case signaled
    case timedOutWall = "timed_out_wall"
    case timedOutIdle = "timed_out_idle"
    case cancelled
    case spawnFailed = "spawn_failed"
    /// The shim died without a record; written by `runner-shim --end`.
    case lost
}
