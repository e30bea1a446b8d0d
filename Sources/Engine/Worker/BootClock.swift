import CPlatform
import Glibc

/// The time since this machine was booted, with the time that it slept: what a lease is measured with.
enum BootClock {
    static var now: Duration {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
