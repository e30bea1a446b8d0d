import CPlatform
import Foundation
import Glibc

/// One janitor at a time on a host.
enum JanitorLock {
    /// Nil when another one holds it and `waits` is false.
    static func take(in home: RunnerHome, waits: Bool) async throws -> LockedDescriptor? {
        let path = home.trash + "/.lock"
        guard waits else { return try LockedDescriptor(path: path, waits: false) }
        return try await withCheckedThrowingContinuation { continuation in
            // Another janitor may be saving a large worktree: wait on a thread of its own.
            Thread.detachNewThread { continuation.resume(with: Result { try LockedDescriptor(path: path) }) }
        }
    }
}
