import CPlatform
import Glibc

/// What the shim does to its own process before it touches the attempt.
enum ProcessSetup {
    /// Makes sure that descriptors 0, 1 and 2 are open and that nothing else was inherited.
    static func secureStandardDescriptors() {
        while true {
            let descriptor = runner_open("/dev/null", O_RDWR | O_CLOEXEC, 0)
            if descriptor > STDERR_FILENO || descriptor < 0 { break }
            // A descriptor below 3 must survive as it is, so that no pipe or file lands there by accident.
        }
        _ = runner_close_range_from(3)
    }

    /// Leaves the worker's session and becomes the parent of every orphan that the command will make.
    static func detach() throws {
        // Fails with EPERM when the launcher already made us a session leader, which is what we want.
        _ = setsid()
        guard runner_set_subreaper() == 0 else { throw ShimFailure("become child subreaper") }
    }
}
