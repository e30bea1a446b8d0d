import CPlatform
import Glibc

/// Tells the worker through the shim's standard output that files have grown; the worker may be gone or asleep.
///
/// At most one unread byte lies in the pipe: a worker that wakes late finds one bell and the whole growth. Nothing
/// here blocks, and nothing that happens to the pipe matters.
struct OutputBell {
    private let descriptor = STDOUT_FILENO
    private let isPipe: Bool

    init() {
        var info = stat()
        isPipe = fstat(STDOUT_FILENO, &info) == 0 && info.st_mode & S_IFMT == S_IFIFO
    }

    func ring() {
        // A pipe that holds nothing has room for a byte, so this write cannot block.
        guard isPipe, runner_bytes_waiting(descriptor) == 0 else { return }
        var byte: UInt8 = 1
        _ = write(descriptor, &byte, 1)
    }
}
