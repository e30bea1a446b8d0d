import CLibgit2

/// What an index that `IndexFile` wrote says of each path (gitformat-index, versions 2 and 3).
struct IndexEntries {
    struct Entry {
        /// Its path in `bytes`.
        let path: Range<Int>
        let mode: UInt32
        let id: git_oid
        let stamp: FileStamp
    }

    let bytes: [UInt8]
    private(set) var entries: [Entry] = []

    /// Throws `.generic` for an index of another kind.
    init(path: String) throws(GitError) {
        let folder = try DirectoryHandle.open(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)))
        bytes = try OpenFile(BytePath(path).name, in: folder).bytes()
        guard bytes.count >= 32, bytes.starts(with: Array("DIRC".utf8)), (2...3).contains(word(4)) else {
            throw GitError(code: .generic, operation: "read the index '\(path)'", message: "it is of another kind")
        }
        var start = 12
        entries.reserveCapacity(Int(word(8)))
        for _ in 0..<word(8) {
            guard let entry = entry(at: &start) else {
                throw GitError(code: .generic, operation: "read the index '\(path)'", message: "it ends too early")
            }
            entries.append(entry)
        }
    }

    func isAttributes(_ entry: Entry) -> Bool {
        let name = Array(".gitattributes".utf8)
        let path = bytes[entry.path]
        guard path.count >= name.count, path.suffix(name.count).elementsEqual(name) else { return false }
        return path.count == name.count || path[path.endIndex - name.count - 1] == BytePath.slash
    }

    private func entry(at start: inout Int) -> Entry? {
        guard start + 64 <= bytes.count - 20 else { return nil }
        var stamp = FileStamp()
        (stamp.changeSeconds, stamp.changeNanoseconds) = (word(start), word(start + 4))
        (stamp.seconds, stamp.nanoseconds) = (word(start + 8), word(start + 12))
        (stamp.device, stamp.inode) = (word(start + 16), word(start + 20))
        (stamp.user, stamp.group, stamp.size) = (word(start + 28), word(start + 32), word(start + 36))
        var id = git_oid()
        bytes[(start + 40)..<(start + 60)].withUnsafeBytes { source in
            withUnsafeMutableBytes(of: &id) { $0.copyMemory(from: source) }
        }
        let isExtended = bytes[start + 60] & 0x40 != 0
        let from = start + (isExtended ? 64 : 62)
        guard let end = bytes[from...].firstIndex(of: 0) else { return nil }
        let entry = Entry(path: from..<end, mode: word(start + 24), id: id, stamp: stamp)
        start = end + 8 - (end - start) % 8
        return entry
    }

    private func word(_ place: Int) -> UInt32 {
        UInt32(bytes[place]) << 24 | UInt32(bytes[place + 1]) << 16 | UInt32(bytes[place + 2]) << 8
            | UInt32(bytes[place + 3])
    }
}
