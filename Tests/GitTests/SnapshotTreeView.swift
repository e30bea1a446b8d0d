import CPlatform
import Foundation
import Glibc

@testable import Git

/// What a folder is to anyone who looks at it from outside: walked with `readdir`, `lstat` and `read` alone, and sharing
/// no code with what is tested.
struct SnapshotTreeView: Equatable {
    /// One description for each path; the keys are bytes made printable.
    private(set) var entries: [String: String] = [:]
    private var links: [UInt: String] = [:]

    /// Goes by descriptors, for there are trees deeper than a path may be long.
    init(_ root: String) {
        let here = runner_open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard here >= 0 else { return }
        look(at: here, name: Array(".".utf8CString), path: ".")
        walk(here, path: "")
        close(here)
    }

    /// Paths in which two views differ, each with both descriptions.
    func differences(from other: SnapshotTreeView) -> [String] {
        var found: [String] = []
        for key in Set(entries.keys).union(other.entries.keys).sorted() where entries[key] != other.entries[key] {
            found.append("\(key): \(entries[key] ?? "missing") | \(other.entries[key] ?? "missing")")
        }
        return found
    }

    /// The number of regular files.
    var files: Int { entries.values.count { $0.hasPrefix("file ") } }

    /// Leaves out times and owners, which nothing depends on in a folder of Git's own.
    mutating func dropTimes() {
        entries = entries.mapValues { text in
            var words = text.split(separator: " ")
            words.removeAll { $0.contains(".") }
            return words.joined(separator: " ")
        }
    }

    /// Leaves out a path and all beneath it.
    mutating func drop(_ path: String) {
        entries = entries.filter { $0.key != path && !$0.key.hasPrefix(path + "/") }
    }

    private mutating func walk(_ folder: Int32, path: String) {
        let copy = runner_openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard copy >= 0, let stream = fdopendir(copy) else { return }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { start in
                    Array(UnsafeBufferPointer(start: start, count: strlen(start) + 1))
                }
            }
            if name != [0x2E, 0], name != [0x2E, 0x2E, 0] { names.append(name) }
        }
        closedir(stream)
        // In an order of our own, because the first of several hard links lends them its name.
        for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let shown = name.dropLast().map(Self.shown).joined()
            let below = path.isEmpty ? shown : path + "/" + shown
            if look(at: folder, name: name, path: below) {
                let child = runner_openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
                if child >= 0 {
                    walk(child, path: below)
                    close(child)
                }
            }
        }
    }

    private static func shown(_ byte: CChar) -> String {
        let isPlain = byte > 0x20 && byte < 0x7F && byte != 0x25
        return isPlain ? String(UnicodeScalar(UInt8(byte))) : String(format: "%%%02X", UInt8(bitPattern: byte))
    }

    /// Describes one entry; true for a folder to enter.
    @discardableResult
    private mutating func look(at folder: Int32, name: [CChar], path: String) -> Bool {
        var facts = stat()
        guard fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 else { return false }
        var text =
            "\(String(facts.st_mode & 0o7777, radix: 8)) \(facts.st_uid):\(facts.st_gid) "
            + "\(facts.st_mtim.tv_sec).\(facts.st_mtim.tv_nsec)"
        switch facts.st_mode & S_IFMT {
        case S_IFREG:
            text = "file \(text) \(facts.st_size) \(Self.hash(of: folder, name))"
            // A link from outside the folder is none of its own: nothing tells the first of several from a single one.
            if facts.st_nlink > 1, let first = links[facts.st_ino] { text += " same as \(first)" }
            if facts.st_nlink > 1, links[facts.st_ino] == nil { links[facts.st_ino] = path }
            // A file with holes must not come back without them.
            if Int(facts.st_blocks) * 512 < Int(facts.st_size) / 2 { text += " sparse" }
        case S_IFLNK:
            var target = [UInt8](repeating: 0, count: 5000)
            let count = target.withUnsafeMutableBytes { buffer in
                buffer.withMemoryRebound(to: CChar.self) {
                    $0.baseAddress.map { readlinkat(folder, name, $0, 5000) } ?? -1
                }
            }
            text = "link \(text) \(target.prefix(max(count, 0)))"
        case S_IFDIR: text = "folder \(text)"
        default: text = "other \(facts.st_mode & S_IFMT) \(text)"
        }
        entries[path] = text
        return facts.st_mode & S_IFMT == S_IFDIR
    }

    /// FNV-1a over eight bytes at a time: it only has to notice differences nobody planned.
    private static func hash(of folder: Int32, _ name: [CChar]) -> String {
        let file = runner_openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard file >= 0 else { return "unreadable" }
        defer { close(file) }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: (1 << 20) + 8, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = read(file, buffer.baseAddress, 1 << 20)
            guard count > 0, let end = buffer.baseAddress.map({ $0 + count }) else { break }
            memset(end, 0, 8)
            for word in 0..<((count + 7) / 8) {
                hash = (hash ^ buffer.load(fromByteOffset: word * 8, as: UInt64.self)) &* 0x0000_0100_0000_01B3
            }
        }
        return String(hash, radix: 16)
    }
}
