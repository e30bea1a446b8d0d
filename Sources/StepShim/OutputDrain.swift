import CPlatform
import Glibc

/// Moves one stream of the command from its pipe into its file, and never lets the command wait for the disk's sake.
///
/// The file is always a true prefix of the stream: the first `cap` bytes, or fewer when writing failed. All other
/// bytes are read, counted and dropped, to the last one.
final class OutputDrain {
    /// The reading end; -1 once the stream has ended.
    private(set) var pipe: Int32
    private(set) var totals = StreamTotals()
    /// The errno of the first write that failed.
    private(set) var failure: Int32?

    private let file: Int32
    private let cap: Int64
    /// Bytes taken in one turn, so that a flood on one stream starves neither the other nor the clock.
    private static let turn = 16 * OutputDrain.bufferSize
    static let bufferSize = 65536

    /// The pipe keeps its default size: a larger one counts against the user's limit for all pipes.
    init(pipe: Int32, file: Int32, cap: Int64) {
        self.pipe = pipe
        self.file = file
        self.cap = cap
        _ = runner_set_nonblocking(pipe, 1)
    }

    var hasEnded: Bool { pipe < 0 }

    /// Takes what is there; true when there was anything.
    func drain(using buffer: UnsafeMutableRawBufferPointer) -> Bool {
        var taken = 0
        while !hasEnded, taken < OutputDrain.turn {
            let count = read(pipe, buffer.baseAddress, buffer.count)
            if count > 0 {
                taken += count
                keep(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } else if count < 0, errno == EINTR {
                continue
            } else if count < 0, errno == EAGAIN {
                break
            } else {
                close(pipe)
                pipe = -1
            }
        }
        return taken > 0
    }

    /// Makes what was written durable.
    func finish() {
        if totals.written > 0, fdatasync(file) != 0, failure == nil { failure = errno }
        close(file)
        if !hasEnded { close(pipe) }
        pipe = -1
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) {
        totals.total += Int64(bytes.count)
        var rest = bytes.prefix(Int(min(Int64(bytes.count), max(0, cap - totals.written))))
        // After a failed write nothing more is kept, even when there is space again: a file with a hole would lie.
        while failure == nil, !rest.isEmpty {
            let count = write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count > 0 {
                totals.written += Int64(count)
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                failure = errno
            }
        }
    }
}
