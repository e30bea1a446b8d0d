import CPlatform
import Foundation
import Glibc

/// One janitor at a time on a host.
enum JanitorLock {
    /// Seconds between two looks in passing: most commands must not pay for one.
    private static let interval: TimeInterval = 60

    private static func isDue(_ path: String) -> Bool {
        var info = stat()
        guard stat(path, &info) == 0 else { return true }
        return Date().timeIntervalSince1970 - Double(info.st_mtim.tv_sec) >= interval
    }

    /// Nil when another one holds it and `waits` is false.
    static func take(in home: RunnerHome, waits: Bool) async throws -> LockedDescriptor? {
        let path = home.trash + "/.lock"
        guard waits else {
            guard isDue(path) else { return nil }
            let lock = try LockedDescriptor(path: path, waits: false)
            if lock != nil { utimes(path, nil) }
            return lock
        }
        return try await withCheckedThrowingContinuation { continuation in
            // Another janitor may be saving a large worktree: wait on a thread of its own.
            Thread.detachNewThread { continuation.resume(with: Result { try LockedDescriptor(path: path) }) }
        }
    }
}
