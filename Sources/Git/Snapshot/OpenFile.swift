import CPlatform
import Glibc

/// A regular file open for reading; closes itself.
final class OpenFile: Sendable {
    let descriptor: Int32
    let facts: FileFacts

    /// Opens `name`; a link, a fifo or anything else that is no regular file is refused, and nothing blocks.
    init(_ name: [UInt8], in directory: DirectoryHandle) throws(GitError) {
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
        let opening = OwnerAccess.open(name, in: directory.descriptor, flags: flags, needing: 0o400)
        guard opening.descriptor >= 0 else {
            throw .system("read '\(BytePath(name))'", errno: opening.failure)
        }
        if let mode = opening.changedFrom { fchmod(opening.descriptor, mode_t(mode)) }
        var status = stat()
        guard fstat(opening.descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(opening.descriptor)
            throw GitError(
                code: .modified, operation: "read '\(BytePath(name))'", message: "it is no longer a regular file")
        }
        descriptor = opening.descriptor
        facts = FileFacts(status)
    }

    deinit {
        close(descriptor)
    }

    /// Hands over the whole content in pieces of at most 1 MiB.
    func forEachPiece(_ body: (UnsafeRawBufferPointer) throws(GitError) -> Void) throws(GitError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw .system("read a file", errno: errno) }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count == 0 { return }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw .system("read a file", errno: errno)
            }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// Reads as much of the place `offset` as fits; less only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(GitError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system("read a file", errno: errno) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// The same in an array.
    func bytes(at offset: Int64, count: Int) throws(GitError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = try bytes.withMutableBytes { (buffer) throws(GitError) in try read(into: buffer, at: offset) }
        return Array(bytes.prefix(got))
    }

    /// The whole content; only for files known to be small.
    func bytes() throws(GitError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(facts.size))
        try forEachPiece { bytes.append(contentsOf: $0) }
        return bytes
    }
}
