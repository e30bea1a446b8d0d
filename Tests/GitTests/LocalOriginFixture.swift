import CPlatform
import Foundation
import Testing

@testable import Git

/// What the tests of a user's own repository need beside the fixture of the hub.
extension GitFixture {
    /// An empty hub that has seen nothing yet.
    func emptyHub(_ name: String = "empty") throws -> Hub {
        try Hub.create(at: "\(root)/hubs/\(name).git")
    }

    /// The repository that `path` leads to, by default the origin.
    func local(_ path: String? = nil) throws -> LocalOrigin {
        try #require(try LocalOrigin.discover(at: path ?? origin))
    }

    func mirror(_ path: String? = nil, into hub: Hub) throws -> LocalOrigin.MirrorReport {
        try local(path).mirror(into: hub)
    }

    /// Every reference below `prefix` by its name without it, with the object it names.
    func references(_ prefix: String, in repository: String) async throws -> [String: String] {
        let lines = try await git("for-each-ref", "--format=%(refname) %(objectname)", prefix, in: repository)
            .split(separator: "\n").map { $0.split(separator: " ") }
        return Dictionary(uniqueKeysWithValues: lines.map { (String($0[0].dropFirst(prefix.count)), String($0[1])) })
    }

    /// A hub's mirrored branches and its tags are those of `path`, and all their objects are there.
    func expectMirror(of path: String, in hub: Hub) async throws {
        #expect(
            try await references("refs/remotes/origin/", in: hub.path) == references("refs/heads/", in: path))
        #expect(try await references("refs/tags/", in: hub.path) == references("refs/tags/", in: path))
        try await fsck(hub.path)
    }

    func fsck(_ path: String) async throws {
        try await git("fsck", "--strict", "--no-dangling", in: path)
    }

    /// A commit in the origin's checkout.
    @discardableResult
    func commitInOrigin(_ text: String, in path: String? = nil) async throws -> ObjectID {
        try write(text, (path ?? origin) + "/a.txt")
        try await git("add", "-A", in: path ?? origin)
        try await git("commit", "-q", "-m", text, in: path ?? origin)
        return try await tip("HEAD", in: path)
    }

    func tip(_ revision: String, in path: String? = nil) async throws -> ObjectID {
        try #require(ObjectID(try await git("rev-parse", revision, in: path ?? origin).trimmed))
    }

    /// A commit of a task on its branch in the hub.
    func taskCommit(_ text: String = "work\n", base: ObjectID, name: String = "one") throws -> ObjectID {
        let worktree = try add(name, base: base)
        try write(text, worktree.path + "/work.txt")
        try write(text, worktree.path + "/deep/er/work.txt")
        return try #require(try commit(worktree).tip)
    }

    /// All files below `path`, relative.
    func files(below path: String) -> [String] {
        FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String }.filter {
            var status = stat()
            return lstat("\(path)/\($0)", &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        } ?? []
    }

    func facts(_ path: String) throws -> stat {
        var status = stat()
        try #require(lstat(path, &status) == 0, "\(path)")
        return status
    }

    /// Runs `body` on `count` threads at once and returns what each did.
    func onThreads<R: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) throws -> R
    ) async -> [Result<R, any Error>] {
        await withTaskGroup(of: Result<R, any Error>.self) { group in
            for number in 0..<count {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        Thread.detachNewThread { continuation.resume(returning: Result { try body(number) }) }
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}
