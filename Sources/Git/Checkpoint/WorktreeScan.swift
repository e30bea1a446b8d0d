import CLibgit2
import CPlatform
import Glibc

/// What may differ between a worktree's files and its index, found by one walk that follows no link.
///
/// Ignored files are left out, nothing is read but directories, and nothing is written.
struct WorktreeScan {
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
    private var seen: [Bool]
    private var pending: [(path: [UInt8], isIgnored: Bool)] = [([], false)]

    /// Walks the directory `path`; throws only when the directory itself cannot be opened.
    static func run(
        _ repository: borrowing GitRepository, index: borrowing WorktreeIndex, path: String
    ) throws(GitError) -> WorktreeScan {
        let root = runner_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard root >= 0 else { throw .system("open the worktree '\(path)'", errno: errno) }
        defer { close(root) }
        var scan = WorktreeScan(
            repository: repository.pointer, index: index.pointer, indexTime: index.time, rootPath: Array(path.utf8),
            root: root, seen: Array(repeating: false, count: git_index_entrycount(index.pointer)))
        while let directory = scan.pending.popLast() {
            scan.list(directory.path, isIgnored: directory.isIgnored)
        }
        if !index.keepsAbsent { scan.collectRemoved() }
        return scan
    }

    private init(
        repository: OpaquePointer, index: OpaquePointer, indexTime: timespec?, rootPath: [UInt8], root: Int32,
        seen: [Bool]
    ) {
        self.repository = repository
        self.index = index
        self.indexTime = indexTime
        self.rootPath = rootPath
        self.root = root
        self.seen = seen
    }

    private mutating func list(_ directory: [UInt8], isIgnored: Bool) {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let descriptor = withCName(directory.isEmpty ? [0x2E] : directory) { runner_openat(root, $0, flags, 0) }
        if descriptor < 0, errno == ENOENT { return }
        let copy = descriptor >= 0 ? fcntl(descriptor, F_DUPFD_CLOEXEC, 0) : -1
        guard copy >= 0, let names = Directory.names(closing: copy) else {
            unreadable(directory)
            if descriptor >= 0 { close(descriptor) }
            return
        }
        defer { close(descriptor) }
        for name in names where name != Self.gitName {
            var status = stat()
            let path = directory.isEmpty ? name : directory + [BytePath.slash] + name
            guard withCName(name, { fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
                if errno != ENOENT { unreadable(path) }
                continue
            }
            switch status.st_mode & S_IFMT {
            case S_IFREG, S_IFLNK: file(path, status, isIgnored: isIgnored)
            case S_IFDIR: self.directory(path, status, isIgnored: isIgnored)
            default: if !isIgnored, !ignores(path) { skip(path, .special) }
            }
        }
    }

    private mutating func file(_ path: [UInt8], _ status: stat, isIgnored: Bool) {
        guard let position = position(of: path), let entry = git_index_get_byindex(index, position)?.pointee else {
            if !isIgnored, !ignores(path) { candidates.append(Candidate(path: path, status: status, recorded: nil)) }
            return
        }
        if git_index_entry_is_conflict(git_index_get_byindex(index, position)) != 0 {
            // Left unseen, so that `removed` clears every stage before the file's content is added.
            candidates.append(Candidate(path: path, status: status, recorded: nil))
            return
        }
        seen[position] = true
        if IndexStat.isUnchanged(entry, status, indexTime: indexTime) { return }
        // An entry of `git add --intent-to-add` has no content yet, whatever its id says.
        let isEmptyPromise = entry.flags_extended & UInt16(GIT_INDEX_ENTRY_INTENT_TO_ADD.rawValue) != 0
        candidates.append(
            Candidate(path: path, status: status, recorded: isEmptyPromise ? nil : (ObjectID(entry.id), entry.mode)))
    }

    private mutating func directory(_ path: [UInt8], _ status: stat, isIgnored: Bool) {
        if let position = position(of: path), let entry = git_index_get_byindex(index, position)?.pointee,
            entry.mode == GIT_FILEMODE_COMMIT.rawValue, submodule(path, status, entry, position)
        {
            return
        }
        let isIgnored = isIgnored || ignores(path + [BytePath.slash])
        if !hasEntries(beneath: path) {
            if isIgnored { return }
            if NestedRepository.isOne(path, in: root) { return skip(path, .nestedRepository) }
        }
        pending.append((path, isIgnored))
    }

    /// Handles a directory that the index has as a submodule; false when plain files have taken its place.
    private mutating func submodule(
        _ path: [UInt8], _ status: stat, _ entry: git_index_entry, _ position: Int
    ) -> Bool {
        if NestedRepository.isOne(path, in: root) {
            let head = NestedRepository.head(rootPath + [BytePath.slash] + path)
            if let head, head != ObjectID(entry.id) { moved.append((path, status, head)) }
        } else {
            let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
            let descriptor = withCName(path) { runner_openat(root, $0, flags, 0) }
            if descriptor >= 0, let names = Directory.names(closing: descriptor), !names.isEmpty { return false }
        }
        seen[position] = true
        return true
    }

    private mutating func collectRemoved() {
        for position in seen.indices where !seen[position] {
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
        for position in seen.indices {
            guard let entry = git_index_get_byindex(index, position)?.pointee.path else { continue }
            guard path.isEmpty || strncmp(entry, prefix, path.count) == 0 else { continue }
            let next = entry[path.count]
            if path.isEmpty || next == 0 || next == CChar(BytePath.slash) { seen[position] = true }
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

    private func hasEntries(beneath directory: [UInt8]) -> Bool {
        var position = 0
        let found = withCName(directory + [BytePath.slash]) { git_index_find_prefix(&position, index, $0) } == 0
        if !found { git_error_clear() }
        return found
    }

    private func ignores(_ path: [UInt8]) -> Bool {
        var ignored: Int32 = 0
        let result = withCName(path) { git_ignore_path_is_ignored(&ignored, repository, $0) }
        if result < 0 { git_error_clear() }
        return result == 0 && ignored == 1
    }

    private static let gitName = Array(".git".utf8)
}
