import CPlatform
import Glibc

/// Folders that Git ignores, copied out of a worktree and into one.
extension Worktree {
    /// Copies the ignored folder `path` to the new folder `target`; `admits` is asked with its size in bytes before a
    /// byte is written.
    ///
    /// False when it is not there, is not ignored, or `admits` said no. After an error nothing is left at `target`.
    package func carry(_ path: BytePath, to target: String, admits: (Int) -> Bool) throws(GitError) -> Bool {
        let root = try DirectoryHandle.open(self.path)
        guard let facts = try? root.facts(of: path.bytes), facts.kind == .directory,
            try IgnoreRules(worktree: self, scan: []).ignores(path, isDirectory: true)
        else { return false }
        let place = BytePath(target)
        let parent = try DirectoryHandle.open(String(decoding: place.parent.bytes, as: UTF8.self))
        let copy = try TreeCopy(path, of: root, to: parent, private: self.path)
        guard admits(copy.size) else { return false }
        do throws(GitError) {
            try copy.write(as: place.name)
        } catch {
            Directory.removeTree(target)
            throw error
        }
        return true
    }

    /// Copies the folder `source` to `path`, which the worktree's rules must ignore and which must not be there.
    ///
    /// False when that is not so. After an error nothing is left at `path`.
    package func bring(_ source: String, to path: BytePath) throws(GitError) -> Bool {
        guard try IgnoreRules(worktree: self, scan: []).ignores(path, isDirectory: true) else { return false }
        let root = try DirectoryHandle.open(self.path)
        let descriptor =
            path.parent.isEmpty
            ? runner_openat(root.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
            : withCName(path.parent.bytes) { runner_open_beneath(root.descriptor, $0) }
        guard descriptor >= 0 else { return false }
        let parent = try DirectoryHandle(descriptor: descriptor, name: "\(path.parent)")
        guard try parent.facts(of: path.name) == nil else { return false }
        let from = BytePath(source)
        let above = try DirectoryHandle.open(String(decoding: from.parent.bytes, as: UTF8.self))
        let copy = try TreeCopy(BytePath(from.name), of: above, to: parent, private: source)
        do throws(GitError) {
            try copy.write(as: path.name)
        } catch {
            try? TreeRemoval.remove(path.name, in: parent, expected: nil)
            throw error
        }
        return true
    }
}
