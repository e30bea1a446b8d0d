import CLibgit2
import CPlatform
import Glibc

/// Makes the files of a manifest anew beneath an empty folder, each through descriptors.
final class SnapshotMaterializer {
    private let reader: SnapshotReader
    private let root: DirectoryHandle
    private let cursor: DirectoryCursor
    private var firstOfGroup: [Int: BytePath] = [:]
    /// Folders that were not saved themselves and were needed all the same.
    private var onTheWay: Set<BytePath> = []

    init(reader: SnapshotReader, root: DirectoryHandle) {
        self.reader = reader
        self.root = root
        cursor = DirectoryCursor(root: root)
    }

    /// Makes every entry that has a saved content or needs none; an existing file is an error, a directory is not.
    func make(_ entries: [SnapshotEntry]) throws(GitError) {
        for entry in entries where entry.class != .unsaved && !entry.path.isEmpty {
            try enter(entry.path.parent)
            try make(entry)
        }
        // Modes and times last and from below: making a file changes its directory's time, and a mode may forbid it.
        for entry in entries.reversed() where entry.kind == .directory {
            if entry.class != .unsaved || onTheWay.contains(entry.path) { try finish(entry) }
        }
    }

    /// Opens a folder, making what is missing: one that was not saved can hold something that was.
    private func enter(_ folder: BytePath) throws(GitError) {
        do throws(GitError) {
            try cursor.seek(folder.components)
        } catch  where error.code == .notFound {
            try cursor.seek([])
            var path = BytePath([])
            for name in folder.components {
                path = path.appending(name)
                if try cursor.current.facts(of: name) == nil {
                    try makeDirectory(name, mode: 0o777)
                    onTheWay.insert(path)
                }
                try cursor.descend(name)
            }
        }
    }

    private func make(_ entry: SnapshotEntry) throws(GitError) {
        let (name, directory) = (entry.path.name, cursor.current.descriptor)
        let operation = "restore '\(entry.path)'"
        switch entry.kind {
        case .directory:
            if try cursor.current.facts(of: name) == nil { try makeDirectory(name) }
        case .file:
            if let first = firstOfGroup[entry.linkGroup] { return try link(entry, to: first) }
            if entry.linkGroup > 0 { firstOfGroup[entry.linkGroup] = entry.path }
            try write(entry)
        case .symlink:
            let target = try reader.bytes(of: blob(of: entry), GIT_OBJECT_BLOB)
            let made = withCName(target) { target in withCName(name) { symlinkat(target, directory, $0) } }
            guard made == 0 else { throw .system(operation, errno: errno) }
            try finish(name, entry, isLink: true)
        case .fifo:
            guard withCName(name, { mkfifoat(directory, $0, 0o600) }) == 0 else {
                throw .system(operation, errno: errno)
            }
            try finish(name, entry, isLink: false)
        case .socket, .characterDevice, .blockDevice, .unknown: break
        }
    }

    private func makeDirectory(_ name: [UInt8], mode: mode_t = 0o700) throws(GitError) {
        guard withCName(name, { mkdirat(cursor.current.descriptor, $0, mode) }) == 0 else {
            throw .system("restore '\(BytePath(name))'", errno: errno)
        }
    }

    private func blob(of entry: SnapshotEntry) throws(GitError) -> ObjectID {
        guard let blob = entry.blob else {
            throw GitError(
                code: .notFound, operation: "restore '\(entry.path)'", message: "the snapshot has no content for it")
        }
        return blob
    }

    private func write(_ entry: SnapshotEntry) throws(GitError) {
        let operation = "restore '\(entry.path)'"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = withCName(entry.path.name) { runner_openat(cursor.current.descriptor, $0, flags, 0o600) }
        guard descriptor >= 0 else { throw .system(operation, errno: errno) }
        defer { close(descriptor) }
        var offset = 0
        try reader.forEachPiece(of: blob(of: entry)) { (piece) throws(GitError) in
            // A hole where a block is all zero; the size is set at the end.
            var rest = piece[...]
            while !rest.isEmpty {
                let block = UnsafeRawBufferPointer(rebasing: entry.isSparse ? rest.prefix(Self.holeSize) : rest)
                if !(entry.isSparse && Self.isZero(block)) {
                    try Self.write(block, to: descriptor, at: offset, operation)
                }
                offset += block.count
                rest = rest.dropFirst(block.count)
            }
        }
        guard ftruncate(descriptor, off_t(offset)) == 0 else { throw .system(operation, errno: errno) }
        try finish(entry.path.name, entry, isLink: false)
    }

    /// The size of the holes that are left in sparse files, in bytes.
    private static let holeSize = 64 << 10

    private static func isZero(_ block: UnsafeRawBufferPointer) -> Bool {
        guard let start = block.baseAddress, block[0] == 0 else { return block.isEmpty }
        return memcmp(start, start + 1, block.count - 1) == 0
    }

    private static func write(
        _ block: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int, _ operation: String
    ) throws(GitError) {
        var done = 0
        while done < block.count {
            let rest = UnsafeRawBufferPointer(rebasing: block[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system(operation, errno: count < 0 ? errno : ENOSPC) }
            done += count
        }
    }

    private func link(_ entry: SnapshotEntry, to first: BytePath) throws(GitError) {
        let other = DirectoryCursor(root: root)
        try other.seek(first.parent.components)
        let made = withCName(first.name) { from in
            withCName(entry.path.name) { linkat(other.current.descriptor, from, cursor.current.descriptor, $0, 0) }
        }
        guard made == 0 else { throw .system("restore '\(entry.path)'", errno: errno) }
    }

    private func finish(_ entry: SnapshotEntry) throws(GitError) {
        guard !entry.path.isEmpty else { return try Self.finishRoot(root, entry) }
        try cursor.seek(entry.path.parent.components)
        try finish(entry.path.name, entry, isLink: false)
    }

    /// Owner first, for a change of owner clears the set-user bit; then mode, then times.
    private func finish(_ name: [UInt8], _ entry: SnapshotEntry, isLink: Bool) throws(GitError) {
        let directory = cursor.current.descriptor
        var times = Self.times(entry)
        let failed = withCName(name) { name in
            if geteuid() == 0, fchownat(directory, name, entry.owner, entry.group, AT_SYMLINK_NOFOLLOW) != 0 {
                return true
            }
            if !isLink, fchmodat(directory, name, mode_t(entry.permissions), 0) != 0 { return true }
            return utimensat(directory, name, &times, AT_SYMLINK_NOFOLLOW) != 0
        }
        if failed { throw .system("restore the mode of '\(entry.path)'", errno: errno) }
    }

    /// Sets the mode and the times of the folder itself.
    static func finishRoot(_ root: DirectoryHandle, _ entry: SnapshotEntry) throws(GitError) {
        guard finish(root.descriptor, entry) else {
            throw .system("restore the mode of the folder", errno: errno)
        }
    }

    /// Sets owner, mode and times of what is open; false with errno when one of them could not be.
    @discardableResult
    static func finish(_ descriptor: Int32, _ entry: SnapshotEntry) -> Bool {
        var times = times(entry)
        return (geteuid() != 0 || fchown(descriptor, entry.owner, entry.group) == 0)
            && fchmod(descriptor, mode_t(entry.permissions)) == 0 && futimens(descriptor, &times) == 0
    }

    private static func times(_ entry: SnapshotEntry) -> [timespec] {
        let modified = timespec(tv_sec: Int(entry.modifiedSeconds), tv_nsec: Int(entry.modifiedNanoseconds))
        return [modified, modified]
    }
}
