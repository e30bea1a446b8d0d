import CPlatform
package import Foundation
package import Git
import Glibc

/// What a directory tree takes on the disk, who touched it last, and what in it can be made again.
///
/// Found by one walk that follows no link, crosses no mount and reads no content.
package struct DirectorySurvey: Sendable {
    /// A folder of build products or dependencies, with a file beside it that says how to make it again.
    package struct Derived: Sendable, Hashable {
        package let path: BytePath
        /// The file beside it.
        package let recipe: String
        package var bytes: Int
        let identity: DirectoryIdentity
    }

    /// Allocated bytes, a file with several names once.
    package private(set) var bytes = 0
    package private(set) var entries = 0
    /// When content or facts of anything but the root's own record changed last; nobody can set that time back.
    package private(set) var newestChange: (moment: Date, path: BytePath)?
    /// A file that says that an editor has another one open.
    package private(set) var editorFile: BytePath?
    /// Something that may not be changed or deleted (chattr +i or +a).
    package private(set) var immutable: BytePath?
    package private(set) var derived: [Derived] = []
    /// Something could not be looked at.
    package private(set) var isIncomplete = false

    private var counted: Set<DirectoryIdentity> = []
    private let looksForFlags: Bool

    /// Walks the tree at `path`; throws when there is no directory.
    package init(of path: String, looksForFlags: Bool = false) throws(GitError) {
        self.looksForFlags = looksForFlags
        let root = try DirectoryHandle.open(path)
        if looksForFlags, runner_is_immutable(root.descriptor, "") == 1 { immutable = BytePath([]) }
        let cursor = DirectoryCursor(root: root)
        try walk(cursor)
        // Below a folder that can be made again, others are part of it.
        derived = derived.filter { folder in
            !derived.contains { $0.path != folder.path && folder.path.isWithin($0.path) }
        }
    }

    private mutating func walk(_ cursor: DirectoryCursor) throws(GitError) {
        var path = BytePath([])
        var pending: [[[UInt8]]] = [try cursor.current.names()]
        var siblings: [Set<[UInt8]>] = [Set(pending[0])]
        note(cursor.current.facts, at: path, isRoot: true)
        while !pending.isEmpty {
            guard let name = pending[pending.count - 1].popLast() else {
                pending.removeLast()
                siblings.removeLast()
                path = path.parent
                if !pending.isEmpty { try cursor.ascend() }
                continue
            }
            let place = path.appending(name)
            guard let facts = look(at: name, in: cursor.current, place) else { continue }
            guard facts.isDirectory else { continue }
            do throws(GitError) {
                try cursor.descend(name)
            } catch {
                isIncomplete = true
                continue
            }
            if let recipe = DerivedFolder.recipe(for: name, among: siblings[siblings.count - 1]) {
                derived.append(Derived(path: place, recipe: recipe, bytes: 0, identity: facts.identity))
            }
            path = place
            let names = try cursor.current.names()
            pending.append(names)
            siblings.append(Set(names))
        }
    }

    private mutating func look(
        at name: [UInt8], in directory: DirectoryHandle, _ place: BytePath
    ) -> (isDirectory: Bool, identity: DirectoryIdentity)? {
        let cName = name.map { CChar(bitPattern: $0) } + [0]
        var status = stat()
        guard fstatat(directory.descriptor, cName, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno != ENOENT { isIncomplete = true }
            return nil
        }
        let identity = DirectoryIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        entries += 1
        if isDirectory || status.st_nlink < 2 || counted.insert(identity).inserted {
            add(Int(status.st_blocks) * 512, at: place)
        }
        let change = status.st_ctim
        note(seconds: Double(change.tv_sec) + Double(change.tv_nsec) / 1e9, at: place)
        if editorFile == nil, EditorFile.matches(name) { editorFile = place }
        if looksForFlags, immutable == nil, runner_is_immutable(directory.descriptor, cName) == 1 { immutable = place }
        return (isDirectory, identity)
    }

    private mutating func add(_ size: Int, at place: BytePath) {
        bytes += size
        for index in derived.indices where place.isWithin(derived[index].path) { derived[index].bytes += size }
    }

    /// The root's own change time moves with every rename of it; only the time of its list of names counts.
    private mutating func note(_ facts: FileFacts, at path: BytePath, isRoot: Bool) {
        bytes += Int(facts.allocated)
        note(seconds: Double(facts.modifiedSeconds) + Double(facts.modifiedNanoseconds) / 1e9, at: path)
    }

    private mutating func note(seconds: Double, at path: BytePath) {
        let moment = Date(timeIntervalSince1970: seconds)
        if newestChange.map({ moment > $0.moment }) ?? true { newestChange = (moment, path) }
    }
}
