import CPlatform
import Foundation
import Glibc

/// The files beside one attempt, outside the worktree and readable by their owner alone.
struct StepFiles: Sendable {
    let folder: String

    var output: String { folder + "/step-output" }
    var summary: String { folder + "/step-summary" }
    var task: String { folder + "/task" }
    var script: String { folder + "/script" }
    var prompt: String { folder + "/prompt" }
    var input: String { folder + "/input" }
    var owner: String { folder + "/owner" }
    /// A folder for the step's artifacts.
    var artifacts: String { folder + "/artifacts" }

    /// Notes whose attempt it is, so that a worker that was replaced leaves its processes alone.
    func setOwner(fence: Int) throws {
        try write(Array("\(fence)\n".utf8), to: owner + ".new")
        guard rename(owner + ".new", owner) == 0 else { throw StepFiles.failure(owner) }
    }

    /// The fence of the worker that took the attempt last; nil when nobody said.
    var ownerFence: Int? {
        StepFiles.read(owner, limit: 32).flatMap { Int(String(decoding: $0, as: UTF8.self).prefix { $0.isNumber }) }
    }
    /// A folder for the agent's own files.
    var agent: String { folder + "/agent" }

    func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = runner_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw StepFiles.failure(path) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw StepFiles.failure(path) }
            rest = rest.dropFirst(count)
        }
    }

    /// At most `limit` bytes; nil when the step replaced the file by something else.
    static func read(_ path: String, limit: Int, followsLinks: Bool = false) -> [UInt8]? {
        let descriptor = runner_open(
            path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
        var bytes = [UInt8](repeating: 0, count: min(limit, Int(info.st_size)))
        let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        return count < 0 ? nil : Array(bytes.prefix(count))
    }

    /// What a step left in the place of a file that cannot be read, for people; nil when there is nothing.
    static func replacement(at path: String) -> String? {
        var info = stat()
        guard lstat(path, &info) == 0 else { return nil }
        return switch info.st_mode & S_IFMT {
        case S_IFREG: "a file that cannot be read"
        case S_IFDIR: "a folder"
        case S_IFLNK: "a link"
        case S_IFIFO: "a named pipe"
        default: "no file"
        }
    }

    static func failure(_ path: String) -> EngineError {
        .system("\"\(path)\" cannot be written", errno: errno)
    }
}
