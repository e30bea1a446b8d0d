import CPlatform
import Glibc

/// The stretch of a stream that its file no longer holds.
struct OutputGap: Sendable, Hashable {
    /// Bytes kept from the beginning.
    let head: Int
    /// Where the kept end begins.
    let end: Int

    /// Reads `<stream>.gap`; nil while everything is kept.
    ///
    /// The shim moves the end before it gives bytes back, so whoever asks after a read knows what was there.
    init?(besides path: String) throws {
        let file = runner_open(path + ".gap", O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0)
        guard file >= 0 else {
            guard errno == ENOENT else { throw ShimError("read \"\(path).gap\"") }
            return nil
        }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 32)
        var info = stat()
        let count = pread(file, &text, text.count, 0)
        guard count >= 0, fstat(file, &info) == 0 else { throw ShimError("read \"\(path).gap\"") }
        let digits = text[..<count].prefix { $0 != UInt8(ascii: "\n") }
        // The file is there an instant before its text; until it is longer than that nothing is missing.
        guard let head = Int(String(decoding: digits, as: UTF8.self)), Int(info.st_size) > head else { return nil }
        self.head = head
        end = Int(info.st_size)
    }
}
