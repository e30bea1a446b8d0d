import Glibc

/// Bytes that end where a page ends, with a page behind them that nobody may touch.
final class GuardedBytes {
    private static let page = 4096
    private let mapping: UnsafeMutableRawPointer
    private let size: Int
    let bytes: UnsafeMutableBufferPointer<UInt8>

    init(count: Int) throws {
        let pages = (count + Self.page - 1) / Self.page * Self.page
        size = pages + Self.page
        let made = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let made, made != MAP_FAILED else { throw Failure() }
        mapping = made
        let start = mapping.advanced(by: pages - count).assumingMemoryBound(to: UInt8.self)
        bytes = UnsafeMutableBufferPointer(start: start, count: count)
        guard mprotect(mapping.advanced(by: pages), Self.page, PROT_NONE) == 0 else { throw Failure() }
    }

    convenience init(_ content: [UInt8]) throws {
        try self.init(count: content.count)
        _ = bytes.update(fromContentsOf: content)
    }

    deinit { munmap(mapping, size) }

    struct Failure: Error {}

    /// Whether the kernel can read the byte at this distance from the beginning.
    func isReadable(at offset: Int) -> Bool {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return false }
        defer { ends.forEach { _ = close($0) } }
        return write(ends[1], mapping.advanced(by: size - Self.page - bytes.count + offset), 1) == 1
    }
}
