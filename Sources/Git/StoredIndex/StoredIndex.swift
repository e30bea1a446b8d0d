import CLibgit2
import Crypto
import Glibc

/// What an index file holds (gitformat-index, versions 2 to 4), also one that libgit2 1.5 refuses: split in two, with
/// whole folders left out (a sparse index), or without its hash.
struct StoredIndex {
    struct Entry {
        /// With a slash at its end for a folder that is left out; `id` is its tree then.
        var path: [UInt8]
        /// The times, the facts, the id and the flags, without the path.
        var facts: git_index_entry

        var isFolder: Bool { facts.mode == GIT_FILEMODE_TREE.rawValue }
        var stage: UInt16 { facts.flags >> 12 & 3 }
        /// Absent from the directory on purpose.
        var isSkipped: Bool { facts.flags_extended & UInt16(GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue) != 0 }
    }

    /// The sides of a conflict that was resolved; a mode of 0 is none.
    struct Resolved {
        let path: [UInt8]
        let sides: [(mode: UInt32, id: git_oid)]
    }

    private(set) var entries: [Entry] = []
    private(set) var resolved: [Resolved] = []

    /// Reads the file at `path`; throws `.generic` for one that is damaged or of a kind that git 2.39 does not write.
    init(path: String) throws(GitError) {
        try self.init(path: path, mayBeSplit: true)
    }

    private init(path: String, mayBeSplit: Bool) throws(GitError) {
        let operation = "read the index '\(path)'"
        guard let bytes = Directory.read(path, limit: 1 << 30) else { throw .system(operation, errno: errno) }
        let damaged = GitError(code: .generic, operation: operation, message: "it is damaged or of an unknown kind")
        guard bytes.count >= 32, Self.hasItsHash(bytes) else { throw damaged }
        var reader = IndexReader(bytes: bytes[..<(bytes.count - 20)])
        guard let read = reader.entries() else { throw damaged }
        entries = read
        var base: SplitIndex?
        while let (signature, content) = reader.part() {
            switch signature {
            case "link":
                guard mayBeSplit, let link = SplitIndex(content) else { throw damaged }
                base = link
            case "REUC": resolved = IndexReader.resolved(content)
            // Folders that are left out are among the entries.
            case "sdir": continue
            // A small letter is for what must be understood.
            case let other where other.first?.isLowercase == true: throw damaged
            default: continue
            }
        }
        guard reader.isAtEnd else { throw damaged }
        guard let base, let shared = base.shared else { return }
        let folder = path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
        let below = try StoredIndex(path: "\(folder)/sharedindex.\(shared)", mayBeSplit: false)
        guard let merged = base.merge(entries, into: below.entries) else { throw damaged }
        entries = merged
    }

    /// All zero is a hash that was left out (index.skipHash).
    private static func hasItsHash(_ bytes: [UInt8]) -> Bool {
        let written = bytes.suffix(20)
        if written.allSatisfy({ $0 == 0 }) { return true }
        var hash = Insecure.SHA1()
        bytes.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0.dropLast(20))) }
        return Array(hash.finalize()) == Array(written)
    }

    /// Puts all of it into an empty index in memory; folders that are left out as the files that they hold.
    func fill(_ index: OpaquePointer, _ repository: borrowing GitRepository) throws(GitError) {
        for entry in entries {
            guard !entry.isFolder else {
                try fill(index, from: entry, repository)
                continue
            }
            try Self.add(entry, to: index)
        }
        for item in resolved {
            var ids = item.sides.map(\.id)
            try git("fill an index") {
                withCName(item.path) { path in
                    ids.withUnsafeMutableBufferPointer { ids in
                        git_index_reuc_add(
                            index, path, Int32(item.sides[0].mode), ids.baseAddress, Int32(item.sides[1].mode),
                            ids.baseAddress.map { $0 + 1 }, Int32(item.sides[2].mode), ids.baseAddress.map { $0 + 2 })
                    }
                }
            }
        }
    }

    private func fill(
        _ index: OpaquePointer, from folder: Entry, _ repository: borrowing GitRepository
    ) throws(GitError) {
        let part = try gitPointer("make an index") { git_index_new(&$0) }
        defer { git_index_free(part) }
        var id = folder.facts.id
        let tree = try gitPointer("read the tree of '\(BytePath(folder.path))'") {
            git_tree_lookup(&$0, repository.pointer, &id)
        }
        defer { git_tree_free(tree) }
        try git("read the tree of '\(BytePath(folder.path))'") { git_index_read_tree(part, tree) }
        for position in 0..<git_index_entrycount(part) {
            guard let found = git_index_get_byindex(part, position)?.pointee, let name = found.path else { continue }
            var entry = Entry(
                path: folder.path + UnsafeRawBufferPointer(start: name, count: strlen(name)), facts: git_index_entry())
            (entry.facts.mode, entry.facts.id) = (found.mode, found.id)
            entry.facts.flags_extended = folder.facts.flags_extended
            try Self.add(entry, to: index)
        }
    }

    private static func add(_ entry: Entry, to index: OpaquePointer) throws(GitError) {
        var facts = entry.facts
        try git("fill an index") {
            withCName(entry.path) { path in
                facts.path = path
                return git_index_add(index, &facts)
            }
        }
    }
}
