import CPlatform
import Glibc

/// Follows one output file of an attempt from an offset; a copy of it goes on independently.
///
/// The shim gives the middle of a long output back to the disk. A reader that comes too late for it goes on where the
/// kept end begins, and `missed` counts what it did not see.
package struct OutputReader: Sendable {
    /// The files that the shim writes.
    package enum Stream: String, Sendable {
        case stdout, stderr
        /// Diagnostics of the shim itself.
        case log = "shim.log"
    }

    /// Where the next byte is read, counted from the beginning of the stream; keep it to go on after a restart.
    package private(set) var offset: Int
    /// Bytes that were gone before they could be read.
    package private(set) var missed = 0
    private let path: String

    package init(directory: String, stream: Stream = .stdout, offset: Int = 0) {
        path = "\(directory)/\(stream.rawValue)"
        self.offset = offset
    }

    /// At most `limit` bytes that were not handed out yet; empty when there are none, or no file yet.
    ///
    /// They are one stretch, and `offset` is its end. Never waits for output; a disk read may block for a moment.
    package mutating func readNew(max limit: Int = 65536) throws -> [UInt8] {
        while true {
            let bytes = try read(limit)
            guard let gap = try OutputGap(besides: path), gap.end > offset, offset + bytes.count > gap.head else {
                offset += bytes.count
                return bytes
            }
            if offset < gap.head {
                let whole = bytes.prefix(gap.head - offset)
                offset = gap.head
                return Array(whole)
            }
            missed += gap.end - offset
            offset = gap.end
        }
    }

    /// Goes on later in the stream, without counting what is left out as missed.
    package mutating func skip(to position: Int) {
        offset = max(offset, position)
    }

    /// A reader of the same stream that stands elsewhere.
    package func rewound(to position: Int) -> OutputReader {
        var other = self
        other.offset = position
        return other
    }

    /// How long the stream is by now.
    package func length() throws -> Int {
        var info = stat()
        guard stat(path, &info) == 0 else {
            guard errno == ENOENT else { throw ShimError("read \"\(path)\"") }
            return 0
        }
        return Int(info.st_size)
    }

    /// The stretches of the stream that the file holds by now, in order.
    package func kept() throws -> [Range<Int>] {
        let length = try length()
        guard let gap = try OutputGap(besides: path) else { return length > 0 ? [0..<length] : [] }
        return [0..<gap.head, min(gap.end, length)..<length].filter { !$0.isEmpty }
    }

    private func read(_ limit: Int) throws -> [UInt8] {
        let file = runner_open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0)
        guard file >= 0 else {
            guard errno == ENOENT else { throw ShimError("read \"\(path)\"") }
            return []
        }
        defer { close(file) }
        var info = stat()
        guard fstat(file, &info) == 0 else { throw ShimError("read \"\(path)\"") }
        let wanted = min(limit, Int(info.st_size) - offset)
        guard wanted > 0 else { return [] }
        let position = off_t(offset)
        return try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
            let got = pread(file, buffer.baseAddress, wanted, position)
            guard got >= 0 else { throw ShimError("read \"\(path)\"") }
            count = got
        }
    }
}
