import CLibgit2

/// Goes through the bytes of an index file, without the hash at the end.
struct IndexReader {
    let bytes: ArraySlice<UInt8>
    private var place = 0

    init(bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { place == bytes.count }

    /// The entries, which come first; nil for an index of another kind.
    mutating func entries() -> [StoredIndex.Entry]? {
        guard let signature = take(4), signature.elementsEqual("DIRC".utf8), let version = word(),
            (2...4).contains(version), let count = word()
        else { return nil }
        var entries: [StoredIndex.Entry] = []
        var path: [UInt8] = []
        for _ in 0..<count {
            let start = place
            guard var facts = facts() else { return nil }
            if facts.flags & UInt16(GIT_INDEX_ENTRY_EXTENDED.rawValue) != 0 {
                guard version > 2, let more = half() else { return nil }
                facts.flags_extended = more
            }
            if version == 4 {
                // The path is told by how much of the one before it goes, and what comes instead.
                guard let dropped = number(), dropped <= path.count else { return nil }
                path.removeLast(dropped)
            } else {
                path = []
            }
            guard let rest = takeToZero() else { return nil }
            path += rest
            if version < 4 {
                // One to eight zero bytes, to a multiple of eight.
                let length = place - 1 - start
                guard take(8 - length % 8 - 1) != nil else { return nil }
            }
            facts.flags &= 0x3000
            entries.append(StoredIndex.Entry(path: path, facts: facts))
        }
        return entries
    }

    /// The next part behind the entries, with the four letters that name it.
    mutating func part() -> (signature: String, content: ArraySlice<UInt8>)? {
        let start = place
        guard let signature = take(4), let size = word(), let content = take(Int(size)) else {
            place = start
            return nil
        }
        return (String(decoding: signature, as: UTF8.self), content)
    }

    /// Conflicts that were resolved (gitformat-index, "Resolve undo").
    static func resolved(_ content: ArraySlice<UInt8>) -> [StoredIndex.Resolved] {
        var reader = IndexReader(bytes: content)
        var found: [StoredIndex.Resolved] = []
        while let path = reader.takeToZero() {
            var modes: [UInt32] = []
            for _ in 0..<3 {
                guard let digits = reader.takeToZero(),
                    let mode = UInt32(String(decoding: digits, as: UTF8.self), radix: 8)
                else { return found }
                modes.append(mode)
            }
            var sides: [(mode: UInt32, id: git_oid)] = []
            for mode in modes {
                guard let id = mode == 0 ? git_oid() : reader.id() else { return found }
                sides.append((mode & 0o777777, id))
            }
            found.append(StoredIndex.Resolved(path: Array(path), sides: sides))
        }
        return found
    }

    private mutating func facts() -> git_index_entry? {
        var words: [UInt32] = []
        for _ in 0..<10 {
            guard let word = word() else { return nil }
            words.append(word)
        }
        guard let id = id(), let flags = half() else { return nil }
        var entry = git_index_entry()
        entry.ctime = git_index_time(seconds: Int32(bitPattern: words[0]), nanoseconds: words[1])
        entry.mtime = git_index_time(seconds: Int32(bitPattern: words[2]), nanoseconds: words[3])
        (entry.dev, entry.ino, entry.mode) = (words[4], words[5], words[6])
        (entry.uid, entry.gid, entry.file_size) = (words[7], words[8], words[9])
        (entry.id, entry.flags) = (id, flags)
        return entry
    }

    mutating func id() -> git_oid? {
        guard let source = take(20) else { return nil }
        var id = git_oid()
        withUnsafeMutableBytes(of: &id) { $0.copyBytes(from: source) }
        return id
    }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.count - place else { return nil }
        let start = bytes.startIndex + place
        place += count
        return bytes[start..<(start + count)]
    }

    private mutating func takeToZero() -> ArraySlice<UInt8>? {
        let rest = bytes[(bytes.startIndex + place)...]
        guard let end = rest.firstIndex(of: 0) else { return nil }
        place += end - rest.startIndex + 1
        return rest[..<end]
    }

    mutating func word() -> UInt32? {
        take(4)?.reduce(0) { $0 << 8 | UInt32($1) }
    }

    private mutating func half() -> UInt16? {
        take(2)?.reduce(0) { $0 << 8 | UInt16($1) }
    }

    /// A number as packs write the distance of a delta's base (gitformat-pack).
    private mutating func number() -> Int? {
        guard var byte = take(1)?.first else { return nil }
        var value = Int(byte & 127)
        while byte & 128 != 0 {
            guard value < 1 << 40, let next = take(1)?.first else { return nil }
            byte = next
            value = (value + 1) << 7 + Int(byte & 127)
        }
        return value
    }
}
