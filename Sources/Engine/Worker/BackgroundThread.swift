import CPlatform
import Foundation

/// Runs work on a thread of its own that gives way to what somebody waits for.
enum BackgroundThread {
    enum Courtesy: Sendable {
        /// Nobody waits for it: the lowest priority, and the disk, where its scheduler knows that, only when it is idle.
        case idle
        /// Somebody waits for it after other things: a tenth of a processor at least, all of it where nothing else runs.
        case polite
    }

    /// Blocks the new thread, not the caller's, until `body` has ended.
    static func run<T: Sendable>(_ courtesy: Courtesy, _ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                // Both belong to the thread alone and end with it.
                switch courtesy {
                case .idle: runner_yield_to_others(19, 1)
                case .polite: runner_yield_to_others(10, 0)
                }
                continuation.resume(with: Result(catching: body))
            }
        }
    }
}
