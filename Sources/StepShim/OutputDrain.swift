import CPlatform
import Glibc

/// Moves one stream of the command from its pipe into its file, and never lets the command wait for the disk's sake.
///
/// What the file does not keep, because of the cap or because writing failed, is read, counted and dropped, to the last
/// byte.
final class OutputDrain {
    /// The reading end; -1 once the stream has ended.
    private(set) var pipe: Int32
    /// The errno of the first write that failed.
    private(set) var failure: Int32?

    private var file: OutputFile
    private var total: Int64 = 0
    /// Bytes of the last turn.
    private var lastTurn = 0
    /// Until the file system says that it takes no bytes straight from a pipe.
    private var canSplice = true
    /// Bytes taken in one turn, so that a flood on one stream starves neither the other nor the clock.
    private static let turn = 16 * OutputDrain.bufferSize
    static let bufferSize = 65536
    /// Fewer changes between the command and the shim than with 64 KiB, and far from a user's limit for all pipes.
    private static let pipeSize: Int32 = 256 << 10

    init(pipe: Int32, file: OutputFile) {
        self.pipe = pipe
        self.file = file
        _ = runner_set_nonblocking(pipe, 1)
        _ = runner_set_pipe_size(pipe, OutputDrain.pipeSize)
    }

    var hasEnded: Bool { pipe < 0 }
    var totals: StreamTotals { StreamTotals(written: file.kept, total: total) }

    /// A flood that comes in small pieces: worth letting some of them gather.
    var trickles: Bool { !hasEnded && lastTurn > 0 && lastTurn < OutputDrain.pipeSize / 4 && total > 1 << 20 }

    /// Takes what is there; true when there was anything.
    func drain(using buffer: UnsafeMutableRawBufferPointer) -> Bool {
        var taken = 0
        while !hasEnded, taken < OutputDrain.turn {
            let count = take(using: buffer)
            if count > 0 {
                taken += count
                total += Int64(count)
            } else if count == 0 {
                close(pipe)
                pipe = -1
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                close(pipe)
                pipe = -1
            }
        }
        lastTurn = taken
        return taken > 0
    }

    /// Makes what was written durable.
    func finish() {
        if !file.finish(), failure == nil { failure = errno }
        if !hasEnded { close(pipe) }
        pipe = -1
    }

    /// Bytes moved or dropped; 0 at the end of the stream, negative with `errno` otherwise.
    private func take(using buffer: UnsafeMutableRawBufferPointer) -> Int {
        let room = spaceLeft()
        if room > 0, canSplice {
            let count = runner_splice(pipe, file.descriptor, min(room, OutputDrain.turn))
            if count > 0 { file.wrote(count) }
            if count >= 0 || errno == EAGAIN || errno == EINTR { return count }
            // The bytes are still in the pipe; a plain write finds out what is wrong.
            canSplice = false
        }
        let count = read(pipe, buffer.baseAddress, buffer.count)
        if count > 0, room > 0 { keep(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
        return count
    }

    private func spaceLeft() -> Int {
        // After a failed write nothing more is kept, even when there is space again: a file with a hole would lie.
        guard failure == nil else { return 0 }
        do {
            return try file.room()
        } catch {
            failure = (error as? ShimFailure)?.code ?? EIO
            return 0
        }
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let room = spaceLeft()
            guard room > 0 else { return }
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(room))
            let count = write(file.descriptor, part.baseAddress, part.count)
            if count > 0 {
                file.wrote(count)
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                failure = errno
                return
            }
        }
    }
}
