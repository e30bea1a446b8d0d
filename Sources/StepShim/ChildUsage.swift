import Glibc

/// What the command and every process it left cost together.
struct ChildUsage {
    /// Of the largest single process.
    let maxResidentKiB: Int
    let userMilliseconds: Int
    let systemMilliseconds: Int

    /// Covers the processes reaped so far.
    static func reaped() -> ChildUsage? {
        var usage = rusage()
        guard getrusage(RUSAGE_CHILDREN.rawValue, &usage) == 0 else { return nil }
        return ChildUsage(
            maxResidentKiB: usage.ru_maxrss,
            userMilliseconds: usage.ru_utime.tv_sec * 1000 + Int(usage.ru_utime.tv_usec) / 1000,
            systemMilliseconds: usage.ru_stime.tv_sec * 1000 + Int(usage.ru_stime.tv_usec) / 1000)
    }
}
