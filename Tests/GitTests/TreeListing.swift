import CPlatform
import Foundation
import Testing

@testable import Git

/// All that is in a directory, byte for byte, for comparisons; `.git` at the top is left out.
struct TreeListing: Equatable {
    let mode: UInt32
    /// The content of a file, the target of a link, nothing for a folder.
    let content: [UInt8]

    static func of(_ path: String) throws -> [BytePath: TreeListing] {
        var found: [BytePath: TreeListing] = [:]
        let root = try DirectoryHandle.open(path)
        var pending: [(DirectoryHandle, BytePath)] = [(root, BytePath([]))]
        while let (folder, prefix) = pending.popLast() {
            for name in try folder.names() where !(prefix.isEmpty && name == Array(".git".utf8)) {
                var status = stat()
                try #require(withCName(name) { fstatat(folder.descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) } == 0)
                var content: [UInt8] = []
                let path = prefix.appending(name)
                switch status.st_mode & S_IFMT {
                case S_IFDIR: pending.append((try folder.child(name), path))
                case S_IFLNK: content = try folder.linkTarget(name)
                default: content = try OpenFile(name, in: folder).bytes()
                }
                found[path] = TreeListing(mode: UInt32(status.st_mode), content: content)
            }
        }
        return found
    }
}
