import CPlatform
import Glibc

/// A place in a directory tree of any depth, moved by single steps that follow no link and cross no mount.
///
/// Depth costs no descriptors: distant ancestors are closed and found again through `..`, checked by device and inode.
package final class DirectoryCursor {
    private struct Frame {
        var name: [UInt8]
        var handle: DirectoryHandle?
        let device: UInt64
        let inode: UInt64
    }

    private static let openAncestors = 24
    private var frames: [Frame]
    private let mount: UInt64

    package init(root: DirectoryHandle) {
        mount = root.mount
        frames = [Frame(name: [], handle: root, device: root.facts.device, inode: root.facts.inode)]
        current = root
    }

    package private(set) var current: DirectoryHandle

    /// 0 at the root.
    package var depth: Int { frames.count - 1 }

    /// The name of the current directory in its parent; empty at the root.
    package var currentName: [UInt8] { frames.last?.name ?? [] }

    /// Enters the directory `name`.
    package func descend(_ name: [UInt8]) throws(GitError) {
        let child = try current.child(name)
        guard child.mount == mount else {
            throw GitError(
                code: .generic, operation: "enter '\(BytePath(name))'",
                message: "another file system is mounted there")
        }
        frames.append(Frame(name: name, handle: child, device: child.facts.device, inode: child.facts.inode))
        current = child
        let distant = frames.count - 1 - Self.openAncestors
        // The root stays open, and so does a directory whose mode must be put back by this very handle.
        if distant > 0, frames[distant].handle?.restoredPermissions == nil { frames[distant].handle = nil }
    }

    /// Goes back to the parent; throws when the tree was moved meanwhile.
    package func ascend() throws(GitError) {
        guard frames.count > 1 else { return }
        let parent = frames.count - 2
        if frames[parent].handle == nil {
            let descriptor = runner_openat(current.descriptor, "..", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
            guard descriptor >= 0 else { throw .system("go back to a parent directory", errno: errno) }
            let handle = try DirectoryHandle(descriptor: descriptor, name: "..")
            guard handle.facts.device == frames[parent].device, handle.facts.inode == frames[parent].inode else {
                throw GitError(
                    code: .modified, operation: "go back to a parent directory", message: "it was moved meanwhile")
            }
            frames[parent].handle = handle
        }
        frames.removeLast()
        if let handle = frames[parent].handle { current = handle }
    }

    /// Goes to the directory at `components` below the root, by the shortest way.
    package func seek(_ components: [[UInt8]]) throws(GitError) {
        var common = 0
        while common < components.count, common + 1 < frames.count, frames[common + 1].name == components[common] {
            common += 1
        }
        while depth > common { try ascend() }
        for name in components[common...] { try descend(name) }
    }
}
