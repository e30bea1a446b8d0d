import CPlatform
import Foundation
import Glibc

extension LocalCluster {
    /// A cluster in a fresh temporary folder, for the `memory` mode and for tests; `destroy()` it at the end.
    ///
    /// Clusters whose process died before it could do so are removed in passing.
    package static func throwaway(
        keeper: [String]? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws(ClusterError) -> LocalCluster {
        let parent = temporaryParent()
        await sweep(parent)
        var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .system("make a temporary folder", path: parent, errno: errno)
        }
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The server's user passes through, under root.
        chmod(directory, geteuid() == 0 ? 0o711 : 0o700)
        return LocalCluster(directory: directory, durability: .throwaway, keeper: keeper, environment: environment)
    }

    /// Lends a throwaway cluster and destroys it whatever happens.
    package static func withThrowaway<T: Sendable>(
        _ body: (ConnectionTarget) async throws -> T
    ) async throws -> T {
        let cluster = try await throwaway()
        let outcome: Result<T, any Error>
        do {
            outcome = .success(try await body(try await cluster.ensureRunning()))
        } catch {
            outcome = .failure(error)
        }
        // The clean-up must not be cut short by the cancellation that ended the body.
        let cleaning = Task { try await cluster.destroy() }
        try await cleaning.value
        return try outcome.get()
    }

    private static var prefix: String { "runner-memory-\(geteuid())-" }

    /// Memory where half a gigabyte of it is free, else the disk.
    private static func temporaryParent() -> String {
        var status = statvfs()
        guard statvfs("/dev/shm", &status) == 0, access("/dev/shm", W_OK) == 0,
            UInt64(status.f_bavail) * UInt64(status.f_frsize) > 512 << 20
        else { return "/tmp" }
        return "/dev/shm"
    }

    /// A living owner holds a share of the clients' lock; a folder younger than a minute may not have come to that.
    private static func sweep(_ parent: String) async {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
            let path = "\(parent)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
                Date().timeIntervalSince1970 - Double(status.st_mtim.tv_sec) > 60,
                let lock = try? FileLock.attempt(path + "/clients.lock", .exclusive)
            else { continue }
            try? await LocalCluster(directory: path, durability: .throwaway).destroy()
            _ = consume lock
        }
    }
}
