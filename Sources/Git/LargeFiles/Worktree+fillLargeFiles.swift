import CLibgit2
import CPlatform
import Glibc

extension Worktree {
    /// Gives files of `commit` their contents where they hold pointers, as libgit2's own checkout left them.
    ///
    /// What is not in the hub stays as it is. For a worktree whose files are those of the commit.
    func fillLargeFiles(of commit: ObjectID) throws(GitError) {
        guard let store = hub.filledLargeFiles else { return }
        let root = runner_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard root >= 0 else { throw .system("open the directory '\(path)'", errno: errno) }
        defer { close(root) }
        var written: [[UInt8]] = []
        for file in try hub.largeFiles(in: commit) where store.has(file.pointer) {
            if try fill(file, from: store, in: root) { written.append(file.path.bytes) }
        }
        if !written.isEmpty { try describe(written, in: root) }
    }

    private func fill(_ file: LargeFile, from store: LargeFileStore, in root: Int32) throws(GitError) -> Bool {
        let parent = file.path.parent
        let folder = parent.isEmpty ? root : withCName(parent.bytes) { runner_open_beneath(root, $0) }
        guard folder >= 0 else { return false }
        defer { if folder != root { close(folder) } }
        let descriptor = withCName(file.path.name) {
            runner_openat(folder, $0, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)
        }
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var content = [UInt8](repeating: 0, count: LargeFilePointer.limit)
        let count = pread(descriptor, &content, content.count, 0)
        guard count > 0, LargeFilePointer(content.prefix(count)) == file.pointer else { return false }
        guard ftruncate(descriptor, 0) == 0 else { throw .system("write '\(file.path)'", errno: errno) }
        guard try store.pour(file.pointer, into: descriptor) else {
            // Gone in this moment: the pointer is better than nothing.
            guard pwrite(descriptor, content, count, 0) == count else {
                throw .system("write '\(file.path)'", errno: errno)
            }
            return false
        }
        let time = Checkout.settledTime()
        _ = futimens(descriptor, [time, time])
        return true
    }
}
