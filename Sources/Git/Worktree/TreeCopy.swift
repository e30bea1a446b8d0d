import CPlatform
import Dispatch
import Glibc
import Synchronization

/// Copies a folder with all that is in it; files share their blocks with the original where the file system can, and
/// nothing that is written to one later shows in the other.
package struct TreeCopy: Sendable {
    /// More entries are no dependency folder.
    static let limit = 2_000_000

    private struct Folder {
        let path: BytePath
        let facts: FileFacts
        var files: [(name: [UInt8], facts: FileFacts)] = []
    }

    private let source: DirectoryHandle
    private let target: DirectoryHandle
    private var folders: [Folder] = []
    /// Bytes of all files.
    package private(set) var size: Int = 0

    /// Looks at everything below `path` of `source`; nothing is written yet.
    ///
    /// Throws `.invalidName` for a link that names a place inside `private` by its whole path: it would lead every copy
    /// back there. Throws `.generic` for anything but folders, files and links.
    package init(
        _ path: BytePath, of source: DirectoryHandle, to target: DirectoryHandle, private place: String
    ) throws(GitError) {
        self.source = source
        self.target = target
        guard let facts = try? source.facts(of: path.bytes), facts.kind == .directory else {
            throw GitError(code: .notFound, operation: "copy '\(path)'", message: "it is not a folder")
        }
        var count = 0
        folders.append(Folder(path: path, facts: facts))
        var next = 0
        while next < folders.count {
            let folder = folders[next]
            let handle = try open(folder.path, in: source)
            for name in try handle.names() {
                count += 1
                guard count <= Self.limit, let facts = try handle.facts(of: name) else {
                    throw GitError(code: .generic, operation: "copy '\(path)'", message: "it is too large or changes")
                }
                switch facts.kind {
                case .directory: folders.append(Folder(path: folder.path.appending(name), facts: facts))
                case .file, .symlink:
                    if facts.kind == .symlink { try check(try handle.linkTarget(name), place, path) }
                    folders[next].files.append((name, facts))
                    if facts.kind == .file {
                        // Files with holes can be of any size, and two of them more than a number holds.
                        let (sum, isTooLarge) = size.addingReportingOverflow(Int(facts.size))
                        size = isTooLarge ? .max : sum
                    }
                default:
                    throw GitError(
                        code: .generic, operation: "copy '\(path)'", message: "'\(BytePath(name))' is no plain file")
                }
            }
            next += 1
        }
    }

    /// Writes the copy as `name` of the target, which must not be there, on `threads` threads.
    ///
    /// After an error a part of it is there, which the caller removes.
    package func write(as name: [UInt8], threads: Int = 2) throws(GitError) {
        let root = folders[0].path
        let places = folders.map { Array($0.path.bytes.dropFirst(root.bytes.count)) }
        for place in places {
            let path = name + place
            guard withCName(path, { mkdirat(target.descriptor, $0, 0o700) }) == 0 else {
                throw .system("make the folder '\(BytePath(path))'", errno: errno)
            }
        }
        let next = Atomic<Int>(0)
        let failure = Mutex<GitError?>(nil)
        DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
            do throws(GitError) {
                while failure.withLock({ $0 == nil }) {
                    let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard number < folders.count else { return }
                    try fill(folders[number], BytePath(name + places[number]))
                }
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        // Children first: writing in a folder changes its time.
        for number in folders.indices.reversed() { try finish(folders[number].facts, name + places[number]) }
    }

    private func fill(_ folder: Folder, _ path: BytePath) throws(GitError) {
        if folder.files.isEmpty { return }
        let (from, to) = (try open(folder.path, in: source), try open(path, in: target))
        for (name, facts) in folder.files {
            if facts.kind == .symlink {
                let content = try from.linkTarget(name)
                let made = withCName(content) { content in
                    withCName(name) { symlinkat(content, to.descriptor, $0) }
                }
                guard made == 0 else { throw .system("copy the link '\(BytePath(name))'", errno: errno) }
                continue
            }
            try FileCopy.copy(name, facts, from: from.descriptor, to: to.descriptor)
        }
    }

    private func finish(_ facts: FileFacts, _ path: [UInt8]) throws(GitError) {
        let times = [facts.modified, facts.modified]
        let result = withCName(path) { path in
            fchmodat(target.descriptor, path, mode_t(facts.permissions), 0) == 0
                ? utimensat(target.descriptor, path, times, AT_SYMLINK_NOFOLLOW) : -1
        }
        guard result == 0 else { throw .system("set the mode of '\(BytePath(path))'", errno: errno) }
    }

    private func open(_ path: BytePath, in root: DirectoryHandle) throws(GitError) -> DirectoryHandle {
        let descriptor = withCName(path.bytes) { runner_open_beneath(root.descriptor, $0) }
        guard descriptor >= 0 else { throw .system("open the folder '\(path)'", errno: errno) }
        return try DirectoryHandle(descriptor: descriptor, name: "\(path)")
    }

    private func check(_ target: [UInt8], _ place: String, _ path: BytePath) throws(GitError) {
        guard target.first == BytePath.slash, BytePath(target).isWithin(BytePath(place)) else { return }
        throw GitError(
            code: .invalidName, operation: "copy '\(path)'", message: "it holds a link to '\(BytePath(target))'")
    }
}
