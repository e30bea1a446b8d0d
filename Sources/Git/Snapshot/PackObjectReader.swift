import CLibgit2
import CZlib
import Glibc

/// Reads objects of a pack piece by piece, and compares them with their ids; for one thread.
final class PackObjectReader {
    private let pack: OpenFile
    private let stream: UnsafeMutablePointer<z_stream>
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    /// The part of the pack that `input` holds.
    private var (start, end): (Int64, Int64) = (0, 0)
    private var position: Int64 = 0

    init(_ pack: OpenFile) throws(GitError) {
        self.pack = pack
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard runner_inflate_init(stream) == Z_OK else {
            throw GitError(code: .generic, operation: "read back a pack", message: "there is not enough memory")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        input.deallocate()
        output.deallocate()
    }

    /// Checks `rows`, ordered by offset; `after` is where the last of them must end.
    func check(_ rows: ArraySlice<PackRow>, upTo after: Int64) throws(GitError) {
        for index in rows.indices {
            let row = rows[index]
            let next = index + 1 < rows.endIndex ? rows[index + 1].offset : after
            guard try isWhole(row, upTo: next) else {
                throw GitError(
                    code: .generic, operation: "read back object \(row.id)", message: "its content is damaged")
            }
        }
    }

    private func isWhole(_ row: PackRow, upTo after: Int64) throws(GitError) -> Bool {
        guard let read = try content(at: row.offset, upTo: after, { _ in }) else { return false }
        return position == after && read.id == row.id && read.checksum == row.checksum
    }

    /// Hands over the content of the object at `offset` in pieces; nil for a delta and for what is damaged.
    ///
    /// `id` is computed from what was read, `checksum` is that of the object's bytes in the pack.
    func content(
        at offset: Int64, upTo after: Int64, _ body: (UnsafeRawBufferPointer) throws(GitError) -> Void
    ) throws(GitError) -> (id: ObjectID, checksum: UInt32)? {
        position = offset
        var checksum: UInt = 0
        guard let (type, size) = try header(&checksum), let kind = git_object_type2string(type) else { return nil }
        var hash = BlobHash(size: size, kind: String(cString: kind))
        inflateReset(stream)
        var result = Z_OK
        while result != Z_STREAM_END {
            guard position < after else { return nil }
            let available = UnsafeRawBufferPointer(rebasing: try fill().prefix(Int(min(after - position, 1 << 20))))
            guard let start = available.baseAddress?.assumingMemoryBound(to: UInt8.self), !available.isEmpty else {
                return nil
            }
            stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
            stream.pointee.avail_in = uInt(available.count)
            repeat {
                stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = uInt(output.count)
                result = inflate(stream, Z_NO_FLUSH)
                guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(result) else { return nil }
                let made = output.count - Int(stream.pointee.avail_out)
                if made > 0 {
                    let piece = UnsafeRawBufferPointer(rebasing: output[..<made])
                    hash.add(piece)
                    try body(piece)
                }
            } while result == Z_OK && stream.pointee.avail_out == 0
            let used = available.count - Int(stream.pointee.avail_in)
            checksum = crc32(checksum, start, uInt(used))
            position += Int64(used)
            if used == 0, result != Z_STREAM_END { return nil }
        }
        return hash.finish().map { ($0, UInt32(truncatingIfNeeded: checksum)) }
    }

    /// Reads type and size in front of an object; nil for what no snapshot writes, as a delta.
    private func header(_ checksum: inout UInt) throws(GitError) -> (git_object_t, Int64)? {
        var type = GIT_OBJECT_INVALID
        var size: Int64 = 0
        var shift: Int64 = 4
        for number in 0..<10 {
            guard let byte = try fill().first else { return nil }
            checksum = withUnsafePointer(to: byte) { crc32(checksum, $0, 1) }
            position += 1
            if number == 0 {
                type = git_object_t(rawValue: Int32(byte >> 4 & 7))
                size = Int64(byte & 0x0F)
            } else {
                size |= Int64(byte & 0x7F) << shift
                shift += 7
            }
            if byte & 0x80 == 0 { return 1...4 ~= type.rawValue ? (type, size) : nil }
        }
        return nil
    }

    /// What is in memory from `position` on; reads the next part of the pack when that is nothing.
    private func fill() throws(GitError) -> UnsafeRawBufferPointer {
        if position < start || position >= end {
            start = position
            end = position + Int64(try pack.read(into: input, at: position))
        }
        return UnsafeRawBufferPointer(rebasing: input[Int(position - start)..<Int(end - start)])
    }
}
