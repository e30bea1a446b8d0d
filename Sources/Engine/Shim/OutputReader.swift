import CPlatform
import Glibc

/// Follows one output file of an attempt from an offset; a copy of it goes on independently.
package struct OutputReader: Sendable {
    /// The files that the shim writes.
    package enum Stream: String, Sendable {
        case stdout, stderr
        /// Diagnostics of the shim itself.
        case log = "shim.log"
    }

    /// Bytes handed out so far, counted from the beginning of the file; keep it to go on after a restart.
    package private(set) var offset: Int
    private let path: String

    package init(directory: String, stream: Stream = .stdout, offset: Int = 0) {
        path = "\(directory)/\(stream.rawValue)"
        self.offset = offset
    }

    /// At most `limit` bytes that were not handed out yet; empty when there are none, or no file yet.
    ///
    /// Never waits for output; a disk read may block for a moment.
    package mutating func readNew(max limit: Int = 65536) throws -> [UInt8] {
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
        let bytes = try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
            let got = pread(file, buffer.baseAddress, wanted, position)
            guard got >= 0 else { throw ShimError("read \"\(path)\"") }
            count = got
        }
        offset += bytes.count
        return bytes
    }
}
