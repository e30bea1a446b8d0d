import CLibgit2
import CPlatform
import Dispatch
import Glibc
import Synchronization

/// What may differ between a worktree's files and its index, found by one walk that follows no link.
///
/// Ignored files are left out, nothing is read but directories, and nothing is written.
///
/// Unchecked: what its threads share of libgit2 is the index, which they only read, and the rules, behind a lock.
struct WorktreeScan: @unchecked Sendable {
    /// A file whose content must be looked at.
    struct Candidate {
        let path: [UInt8]
        let status: stat
        /// The id and mode that the index has for it; nil when it is untracked or in conflict.
        let recorded: (id: ObjectID, mode: UInt32)?
    }

    private(set) var candidates: [Candidate] = []
    /// Submodules whose checked-out commit is not the recorded one.
    private(set) var moved: [(path: [UInt8], status: stat, id: ObjectID)] = []
    /// Paths of the index that are on disk no more.
    private(set) var removed: [[UInt8]] = []
    private(set) var skipped: [SkippedPath] = []

    private let repository: OpaquePointer
    private let index: OpaquePointer
    private let indexTime: timespec?
    private let rootPath: [UInt8]
    private let root: Int32
    private let rules: Mutual
    /// Positions of the index that are on disk.
    private var seen: [Int] = []
    private var pending: [Folder] = []
    /// Whether the folder that is being listed is ignored; nil until somebody asks.
    private var isFolderIgnored: Bool?
    private var folder: [UInt8] = []
    /// The path of an entry that is looked at, with a zero byte behind it.
    private var path: [CChar] = []

    private typealias Folder = (path: [UInt8], isIgnored: Bool)

    /// Ignore rules are read into a cache of the repository's.
    private final class Mutual: Sendable {
        let lock: Mutex<TabbedRules>

        init(_ root: String, _ gitDirectory: String) {
            lock = Mutex(TabbedRules(root: root, gitDirectory: gitDirectory))
        }
    }

    /// Folders that a thread takes at a time, and how many make a second thread worth while.
    private static let share = 16

    /// Walks the directory `path`, on several threads; throws only when the directory itself cannot be opened.
    static func run(
        _ repository: borrowing GitRepository, index: borrowing WorktreeIndex, path: String,
        threads: Int = Checkout.defaultThreads
    ) throws(GitError) -> WorktreeScan {
        let root = runner_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard root >= 0 else { throw .system("open the worktree '\(path)'", errno: errno) }
        defer { close(root) }
        let start = WorktreeScan(
            repository: repository.pointer, index: index.pointer, indexTime: index.time, rootPath: Array(path.utf8),
            root: root, rules: Mutual(path, repository.gitDirectory))
        // The first search sorts the entries; from then on the index is only read.
        _ = start.hasEntries(beneath: [])
        var scan = start
        var level: [Folder] = [([], false)]
        while !level.isEmpty {
            let parts = start.list(level, threads: level.count < 2 * share ? 1 : threads)
            level = parts.flatMap(\.pending)
            for part in parts { scan.take(part) }
        }
        scan.collectRemoved()
        return scan
    }

    private init(
        repository: OpaquePointer, index: OpaquePointer, indexTime: timespec?, rootPath: [UInt8], root: Int32,
        rules: Mutual
    ) {
        self.repository = repository
        self.index = index
        self.indexTime = indexTime
        self.rootPath = rootPath
        self.root = root
        self.rules = rules
    }

    /// Lists folders of one depth; each thread returns what it found and the folders below.
    private func list(_ folders: [Folder], threads: Int) -> [WorktreeScan] {
        let next = Atomic<Int>(0)
        let parts = Mutex<[WorktreeScan]>([])
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            var part = self
            while true {
                let start = next.wrappingAdd(Self.share, ordering: .relaxed).oldValue
                guard start < folders.count else { break }
                for folder in folders[start..<min(start + Self.share, folders.count)] {
                    part.list(folder.path, isIgnored: folder.isIgnored)
                }
            }
            parts.withLock { $0.append(part) }
        }
        return parts.withLock { $0 }
    }

    private mutating func take(_ part: WorktreeScan) {
        candidates += part.candidates
        moved += part.moved
        skipped += part.skipped
        seen += part.seen
    }

    private mutating func list(_ directory: [UInt8], isIgnored: Bool) {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let descriptor = withCName(directory.isEmpty ? [0x2E] : directory) { runner_openat(root, $0, flags, 0) }
        if descriptor < 0, errno == ENOENT { return }
        guard descriptor >= 0, let stream = fdopendir(descriptor) else {
            unreadable(directory)
            if descriptor >= 0 { close(descriptor) }
            return
        }
        defer { closedir(stream) }
        folder = directory
        isFolderIgnored = isIgnored ? true : nil
        path.removeAll(keepingCapacity: true)
        path.append(contentsOf: directory.lazy.map { CChar(bitPattern: $0) })
        if !directory.isEmpty { path.append(CChar(BytePath.slash)) }
        let length = path.count
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { unreadable(directory) }
                return
            }
            withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                let name = UnsafeRawPointer(tuple).assumingMemoryBound(to: CChar.self)
                if Self.isSpecial(name) { return }
                path.removeSubrange(length...)
                path.append(contentsOf: UnsafeBufferPointer(start: name, count: strlen(name) + 1))
                look(at: name, in: descriptor, isFolder: entry.pointee.d_type == UInt8(DT_DIR), isIgnored: isIgnored)
            }
        }
    }

    /// `.`, `..` and Git's own.
    private static func isSpecial(_ name: UnsafePointer<CChar>) -> Bool {
        guard name[0] == CChar(UInt8(ascii: ".")) else { return false }
        return name[1] == 0 || strcmp(name, "..") == 0 || strcmp(name, ".git") == 0
    }

    /// Looks at the entry that `path` names.
    private mutating func look(
        at name: UnsafePointer<CChar>, in descriptor: Int32, isFolder: Bool, isIgnored: Bool
    ) {
        if isFolder { return directory(bytes, isIgnored: isIgnored) }
        var status = stat()
        guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno != ENOENT { unreadable(bytes) }
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG, S_IFLNK: file(status)
        case S_IFDIR: directory(bytes, isIgnored: isIgnored)
        default: if !isIgnoredHere() { skip(bytes, .special) }
        }
    }

    /// `path` without its zero byte.
    private var bytes: [UInt8] { path.dropLast().map { UInt8(bitPattern: $0) } }

    /// Whether the entry that `path` names is ignored; the folder's own answer is good for all in it.
    private mutating func isIgnoredHere() -> Bool {
        let isFolderIgnored = self.isFolderIgnored ?? (!folder.isEmpty && ignores(folder + [BytePath.slash]))
        self.isFolderIgnored = isFolderIgnored
        return isFolderIgnored || ignores(bytes)
    }

    private mutating func file(_ status: stat) {
        guard let position = position(), let entry = git_index_get_byindex(index, position) else {
            if !isIgnoredHere() { candidates.append(Candidate(path: bytes, status: status, recorded: nil)) }
            return
        }
        if git_index_entry_is_conflict(entry) != 0 {
            // Left unseen, so that `removed` clears every stage before the file's content is added.
            candidates.append(Candidate(path: bytes, status: status, recorded: nil))
            return
        }
        seen.append(position)
        if IndexStat.isUnchanged(entry.pointee, status, indexTime: indexTime) { return }
        // An entry of `git add --intent-to-add` has no content yet, whatever its id says.
        let isEmptyPromise = entry.pointee.flags_extended & UInt16(GIT_INDEX_ENTRY_INTENT_TO_ADD.rawValue) != 0
        candidates.append(
            Candidate(
                path: bytes, status: status,
                recorded: isEmptyPromise ? nil : (ObjectID(entry.pointee.id), entry.pointee.mode)))
    }

    private mutating func directory(_ path: [UInt8], isIgnored: Bool) {
        if let position = position(of: path), let entry = git_index_get_byindex(index, position)?.pointee,
            entry.mode == GIT_FILEMODE_COMMIT.rawValue, submodule(path, entry, position)
        {
            return
        }
        // In a folder with tracked files each untracked one is asked for itself, which looks at its folders too.
        if !hasEntries(beneath: path) {
            let isIgnored = isIgnored || ignores(path + [BytePath.slash])
            if isIgnored { return }
            if NestedRepository.isOne(path, in: root) { return skip(path, .nestedRepository) }
        }
        pending.append((path, isIgnored))
    }

    /// Handles a directory that the index has as a submodule; false when plain files have taken its place.
    private mutating func submodule(
        _ path: [UInt8], _ entry: git_index_entry, _ position: Int
    ) -> Bool {
        if NestedRepository.isOne(path, in: root) {
            let head = NestedRepository.head(rootPath + [BytePath.slash] + path)
            var status = stat()
            if let head, head != ObjectID(entry.id),
                withCName(path, { fstatat(root, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0
            {
                moved.append((path, status, head))
            }
        } else {
            let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
            let descriptor = withCName(path) { runner_openat(root, $0, flags, 0) }
            if descriptor >= 0, let names = Directory.names(closing: descriptor), !names.isEmpty { return false }
        }
        seen.append(position)
        return true
    }

    private mutating func collectRemoved() {
        var isSeen = [Bool](repeating: false, count: git_index_entrycount(index))
        for position in seen { isSeen[position] = true }
        for position in isSeen.indices where !isSeen[position] {
            guard let entry = git_index_get_byindex(index, position)?.pointee, let path = entry.path else { continue }
            if entry.flags_extended & UInt16(GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue) != 0 { continue }
            removed.append(Array(UnsafeRawBufferPointer(start: path, count: strlen(path))))
        }
    }

    /// Notes a path that cannot be looked into; what the index has there counts as unchanged.
    private mutating func unreadable(_ path: [UInt8]) {
        skip(path, .unreadable(SystemFailure.text(errno)))
        markSeen(within: path)
    }

    /// Keeps the index's entries for `path` and everything beneath it; empty means all.
    private mutating func markSeen(within path: [UInt8]) {
        let prefix = path.map { CChar(bitPattern: $0) } + [0]
        for position in 0..<git_index_entrycount(index) {
            guard let entry = git_index_get_byindex(index, position)?.pointee.path else { continue }
            guard path.isEmpty || strncmp(entry, prefix, path.count) == 0 else { continue }
            let next = entry[path.count]
            if path.isEmpty || next == 0 || next == CChar(BytePath.slash) { seen.append(position) }
        }
    }

    private mutating func skip(_ path: [UInt8], _ reason: SkippedPath.Reason) {
        skipped.append(SkippedPath(path: BytePath(path), reason: reason))
    }

    private func position(of path: [UInt8]) -> Int? {
        var position = 0
        if withCName(path, { git_index_find(&position, index, $0) }) == 0 { return position }
        git_error_clear()
        return nil
    }

    /// Where the index has what `self.path` names.
    private func position() -> Int? {
        var position = 0
        if path.withUnsafeBufferPointer({ git_index_find(&position, index, $0.baseAddress) }) == 0 { return position }
        git_error_clear()
        return nil
    }

    private func hasEntries(beneath directory: [UInt8]) -> Bool {
        var position = 0
        let found = withCName(directory + [BytePath.slash]) { git_index_find_prefix(&position, index, $0) } == 0
        if !found { git_error_clear() }
        return found
    }

    private func ignores(_ path: [UInt8]) -> Bool {
        rules.lock.withLock { rules in
            var ignored: Int32 = 0
            let result = withCName(path) { git_ignore_path_is_ignored(&ignored, repository, $0) }
            if result < 0 { git_error_clear() }
            return result == 0 && ignored == 1 && rules.ignores(path)
        }
    }
}
