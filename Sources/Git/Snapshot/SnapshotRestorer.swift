import CLibgit2
import CPlatform
import Glibc

/// Restores one snapshot; made for a single run.
final class SnapshotRestorer {
    private let worktree: Worktree
    private let reader: SnapshotReader
    private let commit: ObjectID
    private let manifest: SnapshotManifest

    init(_ reference: String, _ worktree: Worktree) throws(GitError) {
        try worktree.checkNames()
        self.worktree = worktree
        reader = try SnapshotReader(hub: worktree.hub)
        commit = try reader.commit(named: reference)
        manifest = try reader.manifest(of: commit)
    }

    func run() throws(GitError) -> SnapshotRestoration {
        try requireFreeTarget()
        try Directory.createParents(of: worktree.path)
        let target = BytePath(worktree.path)
        let parent = try DirectoryHandle.open(String(decoding: target.parent.bytes, as: UTF8.self) + "/.")
        let draft = Array(".restoring-".utf8) + target.name
        // What a crash left of an earlier try.
        try TreeRemoval.remove(draft, in: parent, expected: nil)
        do throws(GitError) {
            try makeTree(draft, in: parent)
            try makeAdmin()
        } catch {
            try? TreeRemoval.remove(draft, in: parent, expected: nil)
            throw error
        }
        do throws(GitError) {
            try publish(draft, in: parent, as: target.name)
        } catch {
            try? TreeRemoval.remove(draft, in: parent, expected: nil)
            try? worktree.removeAdmin()
            throw error
        }
        return SnapshotRestoration(
            commit: commit, files: manifest.entries.count { $0.area == .worktree && $0.blob != nil },
            notRestored: manifest.notSaved + skippedEntries)
    }

    /// The worktree's own `.git` names this hub and is written anew; whatever else lies there is not put back.
    private static func isLink(_ path: BytePath) -> Bool {
        path.isWithin(BytePath(".git"))
    }

    private static func isRewritten(_ path: BytePath) -> Bool {
        path == BytePath("gitdir") || path == BytePath("commondir") || isLock(path)
    }

    private static func isLock(_ path: BytePath) -> Bool {
        path.bytes.suffix(5) == Array(".lock".utf8)[...]
    }

    private var skippedEntries: [SnapshotReport.NotSaved] {
        manifest.entries.compactMap { entry in
            let isFolder = entry.area == .worktree && entry.path == BytePath(".git") && entry.kind != .file
            guard isFolder || (entry.area == .gitdir && Self.isLock(entry.path)) else { return nil }
            return .init(
                path: entry.path.description,
                reason: isFolder ? "stood in the place of the worktree's link" : "a lock of Git, left out",
                size: entry.size)
        }
    }

    private func requireFreeTarget() throws(GitError) {
        let operation = "restore to '\(worktree.path)'"
        var status = stat()
        if lstat(worktree.path, &status) != 0, errno == ENOENT { return }
        let directory = try DirectoryHandle.open(worktree.path)
        guard try directory.names().isEmpty else {
            throw GitError(code: .exists, operation: operation, message: "the directory is not empty")
        }
    }

    private func makeTree(_ draft: [UInt8], in parent: DirectoryHandle) throws(GitError) {
        guard withCName(draft, { mkdirat(parent.descriptor, $0, 0o700) }) == 0 else {
            throw .system("restore '\(worktree.path)'", errno: errno)
        }
        let root = try parent.child(draft)
        let entries = manifest.entries.filter { $0.area == .worktree && !Self.isLink($0.path) }
        let materializer = SnapshotMaterializer(reader: reader, root: root)
        try materializer.make(entries)
        let comparison = SnapshotComparison(manifest, .worktree, withTimes: true, skipping: Self.isLink)
        try requireNone(try comparison.differences(beneath: root))
        guard runner_syncfs(root.descriptor) == 0 else { throw .system("flush '\(worktree.path)'", errno: errno) }
    }

    private func requireNone(_ differences: [SnapshotVerification.Difference]) throws(GitError) {
        guard let first = differences.first else { return }
        throw GitError(
            code: .generic, operation: "restore '\(worktree.path)'", message: "'\(first.path)' \(first.what)")
    }

    /// Writes the link file and gives the finished directory its name, in one step.
    private func publish(_ draft: [UInt8], in parent: DirectoryHandle, as name: [UInt8]) throws(GitError) {
        let root = try parent.child(draft)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let link = runner_openat(root.descriptor, ".git", flags, 0o644)
        guard link >= 0 else { throw .system("write '\(worktree.linkPath)'", errno: errno) }
        let bytes = worktree.expectedLink
        let count = write(link, bytes, bytes.count)
        let failure = errno
        if let entry = manifest.entries.first(where: { $0.area == .worktree && $0.path == BytePath(".git") }) {
            if count == bytes.count, entry.kind == .file { SnapshotMaterializer.finish(link, entry) }
        }
        close(link)
        guard count == bytes.count else { throw .system("write '\(worktree.linkPath)'", errno: failure) }
        if let entry = manifest.entries.first(where: { $0.area == .worktree && $0.path.isEmpty }) {
            try SnapshotMaterializer.finishRoot(root, entry)
        }
        let renamed = withCName(draft) { from in
            withCName(name) { renameat(parent.descriptor, from, parent.descriptor, $0) }
        }
        guard renamed == 0 else { throw .system("restore '\(worktree.path)'", errno: errno) }
        fsync(parent.descriptor)
    }
}

extension SnapshotRestorer {
    /// Makes `<hub>/worktrees/<name>` with the saved bytes; throws `.exists` unless it is free or a crash's leftover.
    func makeAdmin() throws(GitError) {
        try reviveReferences()
        if try isLeftover() { try worktree.removeAdmin() }
        let head: GitRepository.Head =
            if let id = ObjectID(manifest.head) { .detached(id) } else {
                .branch(String(manifest.head.dropFirst("ref: ".count)), manifest.headCommit)
            }
        try worktree.hub.withLock { () throws(GitError) in try worktree.writeAdmin(head: head) }
        do throws(GitError) {
            unlink(worktree.adminPath + "/HEAD")
            let root = try DirectoryHandle.open(worktree.adminPath)
            let entries = manifest.entries.filter { $0.area == .gitdir && !Self.isRewritten($0.path) }
            try SnapshotMaterializer(reader: reader, root: root).make(entries)
            let comparison = SnapshotComparison(manifest, .gitdir, skipping: Self.isRewritten)
            try requireNone(try comparison.differences(beneath: root))
        } catch {
            try? worktree.removeAdmin()
            throw error
        }
    }

    /// True when the folder is what a restore left that ended before its directory had its name.
    private func isLeftover() throws(GitError) -> Bool {
        guard access(worktree.adminPath, F_OK) == 0 else { return false }
        return Directory.read(worktree.adminPath + "/gitdir") == Array("\(worktree.linkPath)\n".utf8)
            && access(worktree.linkPath, F_OK) != 0
    }

    /// Makes the branch and the stash again where they are gone.
    private func reviveReferences() throws(GitError) {
        let repository = try worktree.hub.open()
        if manifest.head.hasPrefix("ref: "), let commit = manifest.headCommit {
            let branch = String(manifest.head.dropFirst(5))
            if try repository.reference(branch) == nil {
                try repository.createReference(branch, at: commit, log: "restore")
            }
        }
        guard let stash = manifest.stash, try repository.reference("refs/stash") == nil else { return }
        try repository.createReference("refs/stash", at: stash)
        if let log = manifest.entries.first(where: { $0.area == .common })?.blob {
            let path = worktree.hub.path + "/logs/refs/stash"
            try Directory.createParents(of: path)
            try Directory.write(try reader.bytes(of: log, GIT_OBJECT_BLOB), to: path)
        }
    }
}
