import CPlatform
import Glibc

/// Keeps the numbers 0, 1 and 2 for what they mean.
///
/// Where one of them is closed (`runner list 2>&-`, some schedulers), the next file or socket that is opened gets its
/// number, and a message would be written into it: into a lock file or to the database server.
enum StandardDescriptors {
    /// Fills the gaps; before anything else is opened.
    static func fill() {
        // Lowest first, for open takes the lowest number. What was closed stays unreadable and unwritable, so that a
        // lost result is told; messages have nowhere to be told and go nowhere.
        for (number, flags) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
        where fcntl(number, F_GETFD) < 0 {
            _ = runner_open("/dev/null", flags, 0)
        }
    }
}
