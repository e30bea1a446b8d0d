import CPlatform
import Glibc

/// A regular file open for reading; closes itself.
final class OpenFile {
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
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count == 0 { return }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw .system("read a file", errno: errno)
            }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// The whole content; only for files known to be small.
    func bytes() throws(GitError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(facts.size))
        try forEachPiece { bytes.append(contentsOf: $0) }
        return bytes
    }
}
