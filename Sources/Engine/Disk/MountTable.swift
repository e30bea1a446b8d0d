import CPlatform
import Foundation
import Git
import Glibc

/// Where file systems are mounted, as this process sees it.
enum MountTable {
    /// Every mount point; nil when the list cannot be read.
    static func points() -> [BytePath]? {
        guard let data = FileManager.default.contents(atPath: "/proc/self/mountinfo") else { return nil }
        return data.split(separator: 0x0A).compactMap { line in
            let fields = line.split(separator: 0x20)
            return fields.count > 4 ? BytePath(unescape(Array(fields[4]))) : nil
        }
    }

    /// The kernel writes space, tab, newline and backslash as three octal digits (proc(5)).
    private static func unescape(_ field: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = field[...]
        while let byte = rest.popFirst() {
            if byte == 0x5C, let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }

    /// When a file was made, in seconds since the epoch; nil where the file system does not say.
    static func birth(of descriptor: Int32) -> Int64? {
        var seconds: Int64 = 0
        return runner_birth_time(descriptor, &seconds) == 0 ? seconds : nil
    }
}
