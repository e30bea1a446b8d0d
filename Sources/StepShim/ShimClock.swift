import CPlatform
import Glibc

/// Milliseconds of the clocks that the shim needs.
enum ShimClock {
    /// Never goes back and stands still while the machine sleeps, so a suspended laptop times nothing out.
    static func monotonic() -> Int64 { read(CLOCK_MONOTONIC) }

    /// Since 1970, for people.
    static func wall() -> Int64 { read(CLOCK_REALTIME) }

    /// Never goes back and goes on while the machine sleeps: what leases are measured with.
    static func boot() -> Int64 { read(CLOCK_BOOTTIME) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
