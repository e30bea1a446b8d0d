import CLibgit2
import Glibc

/// What one checkout has to make, read from the trees alone: folders before what they hold, files in index order.
struct CheckoutPlan {
    /// A file, a symbolic link or a submodule.
    struct Entry {
        /// Where its path starts in `bytes`; it ends with a zero byte.
        let path: Int
        let pathLength: Int
        let nameLength: Int
        /// Its folder, an index into `folders`; 0 is the top.
        let folder: Int
        /// As an index records it.
        let mode: UInt32
        let id: git_oid
        /// It stays out of the directory (a sparse checkout).
        var isSkipped = false
        /// It is on disk already, as it should be.
        var isKept = false

        var isSubmodule: Bool { mode == GIT_FILEMODE_COMMIT.rawValue && !isSkipped }
        var isRegular: Bool { mode & 0o170000 == 0o100000 && !isSkipped }
    }

    struct Folder {
        /// Where its path starts in `bytes`; it ends with a zero byte.
        let path: Int
        let nameStart: Int
        let parent: Int
        /// A `.gitattributes` lies in it or above it.
        var hasAttributes: Bool
        /// Something beneath it is written.
        var isNeeded: Bool
        /// For the cache-tree of the index.
        let tree: git_oid
        var entryCount = 0
        var subtreeCount = 0
    }

    /// All paths, each with a zero byte behind it.
    private(set) var bytes: [CChar] = []
    private(set) var entries: [Entry] = []
    /// Parents before children; the first is the top.
    private(set) var folders: [Folder] = []
    /// False when the trees hold something that a cache-tree does not describe.
    private(set) var isRegular = true

    /// More paths than any real repository: a few trees that name each other can stand for billions.
    static let entryLimit = 10_000_000
    /// The kernel takes no longer path (PATH_MAX, with the zero byte).
    static let pathLimit = 4095

    /// Reads all trees of `commit`; throws `.invalidName` for a name that must not be made.
    ///
    /// `protects` is false only in tests that show what the check keeps out.
    init(
        _ repository: borrowing GitRepository, commit: ObjectID, sparse: SparsePatterns? = nil, protects: Bool = true,
        entryLimit: Int = CheckoutPlan.entryLimit
    ) throws(GitError) {
        operation = "check out \(commit.short)"
        self.protects = protects
        self.sparse = sparse
        limit = entryLimit
        let root = try repository.tree(of: commit)
        bytes.append(0)
        folders.append(
            Folder(
                path: 0, nameStart: 0, parent: 0, hasAttributes: false, isNeeded: true, tree: git_tree_id(root).pointee)
        )
        try walk(repository.pointer, root)
        count()
        try order()
    }

    private let operation: String
    private let protects: Bool
    private let sparse: SparsePatterns?
    private let limit: Int

    /// Depth first with a stack of its own: a hostile tree is deeper than a thread's.
    private mutating func walk(_ repository: OpaquePointer, _ root: OpaquePointer) throws(GitError) {
        var stack: [(tree: OpaquePointer, next: Int, folder: Int)] = [(root, 0, 0)]
        var prefix: [CChar] = []
        defer { for level in stack { git_tree_free(level.tree) } }
        while let level = stack.last {
            guard let item = git_tree_entry_byindex(level.tree, level.next), let name = git_tree_entry_name(item) else {
                git_tree_free(level.tree)
                stack.removeLast()
                prefix.removeLast(prefix.count - parentLength(of: level.folder))
                continue
            }
            stack[stack.count - 1].next += 1
            guard entries.count + folders.count <= limit else {
                throw GitError(code: .invalidName, operation: operation, message: "it has more than \(limit) paths")
            }
            let length = strlen(name)
            let mode = git_tree_entry_filemode(item)
            try check(name, length, mode, in: prefix)
            guard prefix.count + length <= Self.pathLimit else {
                throw refused(prefix, "a path of more than 4,095 bytes")
            }
            let start = bytes.count
            bytes.append(contentsOf: prefix)
            bytes.append(contentsOf: UnsafeBufferPointer(start: name, count: length))
            bytes.append(0)
            let id = git_tree_entry_id(item).pointee
            guard mode == GIT_FILEMODE_TREE else {
                try add(
                    Entry(
                        path: start, pathLength: prefix.count + length, nameLength: length, folder: level.folder,
                        mode: mode.rawValue, id: id))
                continue
            }
            folders.append(
                Folder(
                    path: start, nameStart: start + prefix.count, parent: level.folder, hasAttributes: false,
                    isNeeded: false, tree: id))
            folders[level.folder].subtreeCount += 1
            prefix.append(contentsOf: UnsafeBufferPointer(start: name, count: length))
            prefix.append(CChar(BytePath.slash))
            var wanted = id
            let child = try gitPointer("\(operation): read the tree of '\(text(prefix))'") {
                git_tree_lookup(&$0, repository, &wanted)
            }
            stack.append((child, 0, folders.count - 1))
        }
    }

    /// The length of the path that holds `folder`, with its slash.
    private func parentLength(of folder: Int) -> Int { folders[folder].nameStart - folders[folder].path }

    private mutating func add(_ entry: Entry) throws(GitError) {
        var entry = entry
        if let sparse { entry.isSkipped = !sparse.includes(pathBytes(entry)) }
        entries.append(entry)
        if entry.mode & 0o170000 == 0o100000, isAttributes(entry) { folders[entry.folder].hasAttributes = true }
    }

    /// Whether the entry is a `.gitattributes`.
    func isAttributes(_ entry: Entry) -> Bool { isNamed(entry, Self.attributesName) }

    func isNamed(_ entry: Entry, _ name: [CChar]) -> Bool {
        guard entry.nameLength == name.count else { return false }
        let start = entry.path + entry.pathLength - entry.nameLength
        return bytes[start..<(start + entry.nameLength)].elementsEqual(name)
    }

    /// Marks an entry as being on disk already.
    mutating func keep(_ number: Int) {
        entries[number].isKept = true
    }

    /// Takes that back.
    mutating func remake(_ number: Int) {
        entries[number].isKept = false
    }

    /// Below zero when entry `number` comes before `other` of an index, zero when both have the same path.
    func order(_ number: Int, before other: IndexEntries.Entry, in index: IndexEntries) -> Int {
        let entry = entries[number]
        let order = bytes.withUnsafeBytes { ours in
            index.bytes.withUnsafeBytes { theirs in
                guard let a = ours.baseAddress, let b = theirs.baseAddress else { return Int32(0) }
                return memcmp(a + entry.path, b + other.path.lowerBound, min(entry.pathLength, other.path.count))
            }
        }
        return order != 0 ? Int(order) : entry.pathLength - other.path.count
    }

    /// Lends the zero-terminated path, or its end, that starts at `start` in `bytes`.
    func withPath<R>(at start: Int, _ body: (UnsafePointer<CChar>) -> R) -> R {
        bytes.withUnsafeBufferPointer { buffer in
            // `bytes` always holds at least the empty path of the top.
            buffer.baseAddress.map { body($0 + start) } ?? "".withCString(body)
        }
    }

    /// Appends the folder's own name with a zero byte behind it.
    func appendName(of folder: Folder, to result: inout [UInt8]) {
        withPath(at: folder.nameStart) { name in
            result.append(contentsOf: UnsafeRawBufferPointer(start: name, count: strlen(name) + 1))
        }
    }

    /// The path that starts at `start`, for people.
    func text(at start: Int) -> String {
        text(bytes[start...].prefix { $0 != 0 } + [])
    }

    func pathBytes(_ entry: Entry) -> [UInt8] {
        bytes[entry.path..<(entry.path + entry.pathLength)].map { UInt8(bitPattern: $0) }
    }

    private static let attributesName = Array(".gitattributes".utf8).map { CChar(bitPattern: $0) }

    private func check(_ name: UnsafePointer<CChar>, _ length: Int, _ mode: git_filemode_t, in prefix: [CChar])
        throws(GitError)
    {
        guard protects else { return }
        let refusal = name.withMemoryRebound(to: UInt8.self, capacity: length) {
            TreeNameRule.refusal(UnsafeBufferPointer(start: $0, count: length), isLink: mode == GIT_FILEMODE_LINK)
        }
        guard let refusal else { return }
        throw refused(prefix + UnsafeBufferPointer(start: name, count: length), refusal)
    }

    private func refused(_ path: [CChar], _ reason: String) -> GitError {
        GitError(code: .invalidName, operation: operation, message: "it holds '\(text(path))', \(reason)")
    }

    private func text(_ path: [CChar]) -> String {
        let text = BytePath(path.map { UInt8(bitPattern: $0) }).description
        return text.count <= 200 ? text : "\(text.prefix(200))…"
    }

    /// Carries what a folder has up to its parents and down to its children.
    private mutating func count() {
        for entry in entries {
            folders[entry.folder].entryCount += 1
            if !entry.isSkipped { folders[entry.folder].isNeeded = true }
        }
        for number in folders.indices.dropFirst() {
            let parent = folders[number].parent
            if folders[parent].hasAttributes { folders[number].hasAttributes = true }
        }
        for number in folders.indices.dropFirst().reversed() {
            let (folder, parent) = (folders[number], folders[number].parent)
            // A tree without a file leaves no folder, and an index does not know it.
            if folder.entryCount == 0 { isRegular = false }
            folders[parent].entryCount += folder.entryCount
            if folder.isNeeded { folders[parent].isNeeded = true }
        }
    }

    /// Trees are sorted, so that the walk meets the index's order; those of a careless writer are sorted here.
    private mutating func order() throws(GitError) {
        let isSorted = bytes.withUnsafeBufferPointer { bytes in
            entries.indices.dropFirst().allSatisfy { Self.precedes(entries[$0 - 1], entries[$0], bytes) }
        }
        if isSorted { return }
        isRegular = false
        bytes.withUnsafeBufferPointer { bytes in entries.sort { Self.precedes($0, $1, bytes) } }
        for number in entries.indices.dropFirst() {
            let isDouble = bytes.withUnsafeBufferPointer { !Self.precedes(entries[number - 1], entries[number], $0) }
            if isDouble {
                throw refused(pathBytes(entries[number]).map { CChar(bitPattern: $0) }, "the same path twice")
            }
        }
    }

    private static func precedes(_ a: Entry, _ b: Entry, _ bytes: UnsafeBufferPointer<CChar>) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        let order = memcmp(base + a.path, base + b.path, min(a.pathLength, b.pathLength))
        return order < 0 || (order == 0 && a.pathLength < b.pathLength)
    }
}
