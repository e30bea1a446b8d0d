import CPlatform
import Foundation
import Glibc
import Subprocess

@testable import Git

/// A hub with some history in a temporary folder, and real worktrees of it; removes everything at the end.
final class SnapshotFixture: Sendable {
    let root: String
    let hub: Hub
    let base: ObjectID

    private init(root: String, hub: Hub, base: ObjectID) {
        (self.root, self.hub, self.base) = (root, hub, base)
    }

    static func with<R>(_ body: (SnapshotFixture) async throws -> R) async throws -> R {
        var template = Array("/tmp/runner-snapshot-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        let root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            if let parent = try? DirectoryHandle.open("/tmp") {
                try? TreeRemoval.remove(Array(root.dropFirst("/tmp/".count).utf8), in: parent, expected: nil)
            }
        }
        let source = root + "/source"
        mkdir(source, 0o755)
        try await git(["init", "-q", "-b", "main"], in: source)
        try await seed(source)
        let hub = try Hub.create(at: root + "/hub.git")
        try await git(["fetch", "-q", source, "+refs/heads/*:refs/remotes/origin/*"], in: hub.path)
        guard let base = try hub.open().reference("refs/remotes/origin/main") else { throw CocoaError(.fileNoSuchFile) }
        return try await body(SnapshotFixture(root: root, hub: hub, base: base))
    }

    private static func seed(_ source: String) async throws {
        for number in 1...12 {
            try write("line \(number)\nsecond\nthird\n", to: source + "/file\(number).txt")
            try write("deep \(number)\n", to: source + "/src/part\(number % 3)/code\(number).c")
        }
        try write("#!/bin/sh\necho hello\n", to: source + "/run.sh")
        try write("*.log\nnode_modules/\n/build/\n", to: source + "/.gitignore")
        try write("*.crlf text eol=crlf\n*.ident ident\n", to: source + "/.gitattributes")
        try await git(["add", "-A"], in: source)
        try await git(["commit", "-q", "-m", "one"], in: source)
        try await git(["checkout", "-q", "-b", "side"], in: source)
        try write("side of line\nsecond\nthird\n", to: source + "/file1.txt")
        try await git(["commit", "-q", "-a", "-m", "side"], in: source)
        try await git(["checkout", "-q", "main"], in: source)
        for number in 1...6 {
            try write("main \(number)\nsecond\nthird\n", to: source + "/file1.txt")
            try await git(["commit", "-q", "-a", "-m", "main \(number)"], in: source)
        }
    }

    func worktree(_ name: String) throws -> Worktree {
        try Worktree.add(hub: hub, name: name, path: "\(root)/trees/\(name)", branch: "runner/\(name)", base: base)
    }

    func request(_ worktree: Worktree, cap: Int64 = 64 << 20, fileCap: Int64 = 16 << 20) -> SnapshotRequest {
        SnapshotRequest(
            worktree: worktree, reference: "refs/runner/\(worktree.name)/snap/1",
            signature: Signature(name: "runner", email: "runner@localhost", date: Date(timeIntervalSince1970: 1.7e9)),
            message: "snapshot of \(worktree.name)", ignoredTotalCap: cap, ignoredFileCap: fileCap)
    }

    /// What the cleaner does after the proof: the directory goes, then the administrative folder.
    func remove(_ worktree: Worktree) throws {
        let path = BytePath(worktree.path)
        let parent = try DirectoryHandle.open(String(decoding: path.parent.bytes, as: UTF8.self))
        try TreeRemoval.remove(path.name, in: parent, expected: nil)
        try worktree.removeAdmin()
    }

    static func write(_ text: String, to path: String) throws {
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    @discardableResult
    static func git(_ arguments: [String], in path: String, fails: Bool = false) async throws -> String {
        let text = try await tool("git", ["-C", path, "-c", "protocol.file.allow=always"] + arguments, fails: fails)
        return String(decoding: text, as: UTF8.self)
    }

    /// Runs a program in a fixed environment; throws with what it said when it fails and was not expected to.
    @discardableResult
    static func tool(_ name: String, _ arguments: [String], fails: Bool = false) async throws -> [UInt8] {
        let person = ["GIT_AUTHOR", "GIT_COMMITTER"].flatMap {
            [("\($0)_NAME", "Tester"), ("\($0)_EMAIL", "t@example.org"), ("\($0)_DATE", "1700000000 +0000")]
        }
        var variables: [Environment.Key: String] = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_EDITOR": "true", "GIT_SEQUENCE_EDITOR": "true",
        ]
        for (key, value) in person { variables[Environment.Key(stringLiteral: key)] = value }
        let result = try await run(
            .name(name), arguments: Arguments(arguments), environment: .custom(variables),
            output: .bytes(limit: 64 << 20), error: .string(limit: 1 << 20))
        if !fails, !result.terminationStatus.isSuccess {
            throw ToolFailure(command: ([name] + arguments).joined(separator: " "), said: result.standardError)
        }
        return result.standardOutput
    }

    struct ToolFailure: Error, CustomStringConvertible {
        let command: String
        let said: String
        var description: String { "\(command): \(said)" }
    }
}
