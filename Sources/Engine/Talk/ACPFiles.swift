import CPlatform
import Foundation
import Git
import Glibc
import RunnerCore

/// The files that an agent may read and write by way of the runner: those of its worktree, and none by a link.
struct ACPFiles {
    struct Refusal: Error {
        let reason: String
    }

    /// Absolute and without links.
    let worktree: String

    /// Larger files are refused: they would have to be sent as one message.
    private static let limit = 8 << 20

    /// The text of a file, or of `limit` lines of it from `line` (1 is the first).
    func read(_ path: String, line: Int?, limit: Int?) throws -> String {
        let place = try place(path)
        let descriptor = runner_openat(
            place.parent.descriptor, Self.name(place), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0)
        guard descriptor >= 0 else { throw Self.failure("read", path) }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            throw Refusal(reason: "\"\(path)\" is no file")
        }
        guard info.st_size <= Self.limit else { throw Refusal(reason: "\"\(path)\" is too large") }
        let data = try? FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).readToEnd() ?? Data()
        guard let data, let text = String(data: data, encoding: .utf8) else {
            throw Refusal(reason: "\"\(path)\" is not UTF-8")
        }
        guard line != nil || limit != nil else { return text }
        // By bytes: a carriage return and a newline are one character.
        let lines = Array(text.utf8).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let rest = lines.dropFirst(max(1, line ?? 1) - 1)
        let wanted = rest.prefix(max(0, limit ?? rest.count))
        return String(decoding: Array(wanted.joined(separator: [UInt8(ascii: "\n")])), as: UTF8.self)
    }

    /// Writes the whole file, and makes it and its folders where they are not there.
    func write(_ path: String, _ text: String) throws {
        try makeFolders(path)
        let place = try place(path)
        let descriptor = runner_openat(
            place.parent.descriptor, Self.name(place), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o666)
        guard descriptor >= 0 else { throw Self.failure("write", path) }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            throw Refusal(reason: "\"\(path)\" is no file")
        }
        guard ftruncate(descriptor, 0) == 0 else { throw Self.failure("write", path) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Self.failure("write", path) }
            rest = rest.dropFirst(count)
        }
    }

    private func place(_ path: String) throws -> DirectoryPlace {
        let isGit = path.pathParts.contains { $0.lowercased() == ".git" }
        guard !isGit, !path.utf8.contains(0) else { throw Refusal(reason: "\"\(path)\" is not for agents") }
        do {
            return try DirectoryPlace(path, beneath: worktree)
        } catch  where error.code == .notFound {
            throw Refusal(reason: "\"\(path)\" is not there")
        } catch {
            throw Refusal(reason: "\"\(path)\" is not a plain path in the worktree")
        }
    }

    private func makeFolders(_ path: String) throws {
        guard path.hasPrefix(worktree + "/") else { return }
        var folder = worktree
        for name in String(path.dropFirst(worktree.count)).pathParts.filter({ !$0.isEmpty }).dropLast() {
            folder += "/\(name)"
            let place = try place(folder)
            guard mkdirat(place.parent.descriptor, Self.name(place), 0o777) == 0 || errno == EEXIST else {
                throw Self.failure("make", folder)
            }
        }
    }

    private static func name(_ place: DirectoryPlace) -> String { String(decoding: place.name, as: UTF8.self) }

    private static func failure(_ verb: String, _ path: String) -> Refusal {
        Refusal(reason: "cannot \(verb) \"\(path)\": \(String(cString: strerror(errno)))")
    }
}
