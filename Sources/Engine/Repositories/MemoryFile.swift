import CPlatform
import Glibc
import SystemPackage

/// Bytes as a file without a name, for the standard input of a program that may end without reading it.
enum MemoryFile {
    /// A descriptor that stands at the beginning; whoever gets it closes it.
    static func holding(_ bytes: [UInt8]) throws -> FileDescriptor {
        let number = runner_memfd_create("runner-input")
        guard number >= 0 else { throw Errno(rawValue: errno) }
        let file = FileDescriptor(rawValue: number)
        do {
            try file.writeAll(bytes)
            try file.seek(offset: 0, from: .start)
        } catch {
            try? file.close()
            throw error
        }
        return file
    }
}
