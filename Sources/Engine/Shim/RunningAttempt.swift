import Foundation
import Glibc
import Synchronization

/// One attempt under a shim, watched until it is over.
///
/// Dropping it, or the end of this process, does not touch the attempt.
package final class RunningAttempt: Sendable {
    package let directory: String
    /// An element whenever output files may have grown since the last one was taken; ends with the attempt.
    ///
    /// For one consumer. Read to the end of the files after the last element.
    package let outputGrew: AsyncStream<Void>

    private let process: ShimProcess?
    private let state = Mutex(WaitState())

    private struct WaitState {
        var end: Result<AttemptExit, any Error>?
        var waiters: [Int: CheckedContinuation<AttemptExit, any Error>] = [:]
        var nextTicket = 0
        /// A signal for a shim that could not be told yet.
        var wish: Int32?
    }

    /// Takes ownership of the descriptor `bell`, the reading end of the shim's standard output.
    init(directory: String, program: ShimProgram, child: pid_t?, process: ShimProcess?, bell: Int32?) {
        self.directory = directory
        self.process = process
        let (stream, ringer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        outputGrew = stream
        let watch = ShimWatch(
            directory: directory, program: program, child: child, process: process, ringer: ringer, bell: bell)
        // A thread of its own, since it blocks for hours: Swift's and Dispatch's pools have a limit.
        Thread.detachNewThread {
            let end = Result { try watch.run { self.repeatWish() } }
            ringer.yield()
            ringer.finish()
            self.conclude(end)
        }
    }

    /// The exit record, as soon as there is one.
    ///
    /// Cancelling the waiting task throws `CancellationError` and leaves the attempt running. Throws `ShimError`
    /// when the directory or the shim program cannot be used.
    package func waitForExit() async throws -> AttemptExit {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let known: Result<AttemptExit, any Error>? = state.withLock { state in
                    if let end = state.end { return end }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.waiters[ticket] = continuation
                    return nil
                }
                if let known { continuation.resume(with: known) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: ticket) }
            waiter?.resume(throwing: CancellationError())
        }
    }

    /// Asks the shim to stop the command by its stop stages, or `hard`, by SIGKILL at once; returns at once.
    ///
    /// Does nothing when the attempt is over. Only the very process that was recorded is signalled; one that has not been
    /// yet, as soon as it is.
    package func cancel(hard: Bool = false) throws {
        guard state.withLock({ $0.end == nil }) else { return }
        let signal = hard ? SIGQUIT : SIGTERM
        guard let target = try target() else {
            return state.withLock { if $0.wish != SIGQUIT { $0.wish = signal } }
        }
        try target.send(signal)
    }

    private func target() throws -> ShimProcess? {
        try process ?? AttemptIdentity.read(from: directory).flatMap { ShimProcess($0) }
    }

    private func repeatWish() {
        guard let signal = state.withLock({ $0.wish }), let target = try? target() else { return }
        state.withLock { if $0.wish == signal { $0.wish = nil } }
        _ = try? target.send(signal)
    }

    private func conclude(_ end: Result<AttemptExit, any Error>) {
        let waiters = state.withLock { state in
            state.end = end
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(with: end) }
    }
}
