import CPlatform
import Foundation
import Subprocess
import SystemPackage
import Testing

@testable import Git

/// A temporary folder with an origin made by the `git` binary, a hub of ours, and worktrees; removed at the end.
struct GitFixture: Sendable {
    let root: String
    var origin: String { root + "/origin" }
    let hub: Hub

    static let person = Signature(
        name: "Ann Test", email: "ann@example.org", date: Date(timeIntervalSince1970: 1_700_000_000), offsetMinutes: 60)

    /// Runs `body` with an origin that holds `files` in one commit, and a hub that fetched it.
    static func with<R>(
        files: [String: String] = ["a.txt": "one\n", "dir/b.txt": "two\n", "dir/c.sh": "#!/bin/sh\n"],
        _ body: (GitFixture, ObjectID) async throws -> R
    ) async throws -> R {
        let root = FileManager.default.temporaryDirectory.path + "/git-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root + "/origin", withIntermediateDirectories: true)
        defer { Directory.removeTree(root) }
        let fixture = GitFixture(root: root, hub: try Hub.create(at: root + "/hubs/one.git"))
        try await fixture.git("init", "-q", "-b", "main", in: fixture.origin)
        for (path, text) in files { try fixture.write(text, fixture.origin + "/" + path) }
        try await fixture.git("add", "-A", in: fixture.origin)
        try await fixture.git("commit", "-q", "--allow-empty", "-m", "first", in: fixture.origin)
        return try await body(fixture, try await fixture.fetch())
    }

    /// Runs `body` with an empty hub and nothing else.
    static func withHub<R>(_ body: (GitFixture) async throws -> R) async throws -> R {
        let root = FileManager.default.temporaryDirectory.path + "/git-tests-\(UUID().uuidString)"
        defer { Directory.removeTree(root) }
        return try await body(GitFixture(root: root, hub: try Hub.create(at: root + "/hubs/one.git")))
    }

    /// Writes the tree into the hub as one commit.
    func importCommit(_ oddity: CheckoutOddity) async throws -> ObjectID {
        let stream = root + "/stream"
        try Data(oddity.importStream).write(to: URL(fileURLWithPath: stream))
        try await git("-c", "core.protectHFS=false", "fast-import", "--quiet", in: hub.path, inputFile: stream)
        if oddity.isPacked { try await git("repack", "-adfq", in: hub.path) }
        return try #require(try hub.open().reference("refs/heads/odd"))
    }

    private func git(_ arguments: String..., in directory: String, inputFile: String) async throws {
        let file = try FileDescriptor.open(FilePath(inputFile), .readOnly)
        let result = try await run(
            .name("git"), arguments: Arguments(["-C", directory] + arguments), environment: .custom(Self.environment),
            input: .fileDescriptor(file, closeAfterSpawningProcess: true), output: .discarded,
            error: .string(limit: 1 << 20))
        try #require(result.terminationStatus.isSuccess, "git \(arguments): \(result.standardError)")
    }

    /// Fetches the origin into the hub; returns the tip of main.
    func fetch() async throws -> ObjectID {
        try await git("fetch", "-q", origin, "+refs/heads/*:refs/remotes/origin/*", in: hub.path)
        return try #require(try hub.open().reference("refs/remotes/origin/main"))
    }

    func add(_ name: String = "one", base: ObjectID) throws -> Worktree {
        try Worktree.add(
            hub: hub, name: name, path: "\(root)/worktrees/\(name)", branch: "runner/\(name)", base: base)
    }

    func checkpoint(_ worktree: Worktree, parent: ObjectID? = nil) throws -> CheckpointResult {
        try Checkpoint.write(
            worktree: worktree, parent: parent, message: "state\n", author: Self.person, committer: Self.person)
    }

    func commit(_ worktree: Worktree, _ message: String = "work\n") throws -> BranchCommit {
        try worktree.commitOnBranch(
            "runner/\(worktree.name)", message: message, author: Self.person, committer: Self.person)
    }

    /// Runs git with a clean environment and returns its output; a failure is a test failure.
    @discardableResult
    func git(
        _ arguments: String..., in directory: String, input: String = "", fails: Bool = false
    ) async throws -> String {
        let result = try await run(
            .name("git"), arguments: Arguments(["-C", directory] + arguments), environment: .custom(Self.environment),
            input: .string(input), output: .string(limit: 1 << 24), error: .string(limit: 1 << 20))
        if !fails {
            try #require(
                result.terminationStatus.isSuccess,
                "git \(arguments.joined(separator: " ")): \(result.standardError)")
        }
        return result.standardOutput
    }

    /// What `git status` shows in the worktree, one entry a line; empty when clean.
    func status(_ worktree: Worktree) async throws -> String {
        try await git("-c", "core.quotePath=true", "status", "--porcelain", in: worktree.path)
    }

    /// The paths of a commit's tree as git lists them, with mode and id.
    func tree(_ id: ObjectID) async throws -> [String] {
        try await git("ls-tree", "-r", id.hex, in: hub.path).split(separator: "\n").map(String.init)
    }

    func names(_ id: ObjectID) async throws -> [String] {
        try await tree(id).compactMap { $0.split(separator: "\t").last.map(String.init) }
    }

    func fsck() async throws {
        try await git("fsck", "--strict", "--no-dangling", in: hub.path)
    }

    func write(_ text: String, _ path: String) throws {
        try Directory.createParents(of: path)
        unlink(path)
        try Directory.write(Array(text.utf8), to: path)
    }

    func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    static let environment: [Environment.Key: String] = [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C", "GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.org",
        "GIT_COMMITTER_NAME": "Bob", "GIT_COMMITTER_EMAIL": "bob@example.org", "GIT_EDITOR": "true",
    ]
}

extension String {
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
