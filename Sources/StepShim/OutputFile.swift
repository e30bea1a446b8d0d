import CPlatform
import Glibc

/// The file that keeps one stream: its first bytes, its last bytes, and nothing of what lies between.
///
/// A byte's place in the file is its place in the stream. When the cap is reached the stretch behind the head is given
/// back to the disk, piece by piece, and `<name>.gap` says which: its text is the length of the head, its own length is
/// where the kept end begins. That file grows before the bytes go, so a reader that looks at it after it has read knows
/// whether it read holes. Where a file cannot have holes the stream's beginning is all that is kept.
struct OutputFile {
    let descriptor: Int32
    private let directory: AttemptDirectory
    private let name: String
    private let cap: Int64
    private let tail: Int64
    private let step: Int64
    private var gap: Int32 = -1
    /// Where the kept end begins; the head's length while everything is kept.
    private var tailStart: Int64
    private var length: Int64 = 0
    private var isFull = false

    /// The smallest end worth a file of its own.
    private static let smallestTail: Int64 = 64 << 10

    init(in directory: AttemptDirectory, name: String, cap: Int64, tail: Int64) throws {
        self.directory = directory
        self.name = name
        self.cap = cap
        let tail = tail >= OutputFile.smallestTail ? min(tail, cap) / 16384 * 16384 : 0
        self.tail = tail
        step = tail / 4
        tailStart = cap - tail
        descriptor = try directory.create(name)
    }

    private var head: Int64 { cap - tail }
    /// Bytes in the file.
    var kept: Int64 { min(length, head) + max(0, length - tailStart) }

    /// How many bytes may be written now; 0 once nothing more is kept.
    mutating func room() throws -> Int {
        if isFull { return 0 }
        if kept >= cap { try dropOldest() }
        return isFull ? 0 : Int(clamping: cap - kept)
    }

    mutating func wrote(_ count: Int) {
        length += Int64(count)
    }

    /// Makes what was written durable; false when that failed.
    func finish() -> Bool {
        defer {
            close(descriptor)
            if gap >= 0 { close(gap) }
        }
        if gap >= 0, fdatasync(gap) != 0 { return false }
        return length == 0 || fdatasync(descriptor) == 0
    }

    private mutating func dropOldest() throws {
        guard tail > 0 else {
            isFull = true
            return
        }
        let from = tailStart
        if gap < 0 {
            gap = try directory.create(name + ".gap")
            let text = Array("\(head)\n".utf8)
            guard pwrite(gap, text, text.count, 0) == text.count else { throw ShimFailure("write \(name).gap") }
        }
        guard ftruncate(gap, off_t(from + step)) == 0 else { throw ShimFailure("write \(name).gap") }
        if runner_punch(descriptor, off_t(from), off_t(step)) != 0 {
            guard errno == EOPNOTSUPP else { throw ShimFailure("shorten \(name)") }
            // The bytes are still there: say so again.
            directory.remove(name + ".gap")
            isFull = true
            return
        }
        tailStart = from + step
    }
}
