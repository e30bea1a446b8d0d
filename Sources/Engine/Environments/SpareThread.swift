import CPlatform
import Foundation

/// Runs work that nobody waits for on a thread of its own that gives way to everybody else.
enum SpareThread {
    /// Runs `body` with the lowest processor priority and, where the disk's scheduler knows it, only when it is idle.
    static func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                // Both belong to the thread alone and end with it.
                runner_yield_to_others()
                continuation.resume(with: Result(catching: body))
            }
        }
    }
}
