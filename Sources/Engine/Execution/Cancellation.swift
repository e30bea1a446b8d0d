import Dispatch
import Glibc
import Synchronization

/// One wish to stop, which a signal, another command or a program can express; the second wish is urgent.
package final class Cancellation: Sendable {
    package enum Level: Int, Sendable, Comparable {
        case none, soft, hard

        package static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
    }

    private struct State {
        var level = Level.none
        var handlers: [Int: @Sendable (Level) -> Void] = [:]
        var nextTicket = 0
    }

    private let state = Mutex(State())
    private let sources: SignalSources

    package init() {
        sources = SignalSources([])
    }

    private init(sources: SignalSources) {
        self.sources = sources
    }

    /// Kept so that the sources live as long as the value; Dispatch's types are not marked Sendable on Linux, and
    /// nothing is done with them after `init`.
    private struct SignalSources: @unchecked Sendable {
        let sources: [any DispatchSourceSignal]

        init(_ sources: [any DispatchSourceSignal]) {
            self.sources = sources
        }
    }

    /// Whether this process was started to outlive its terminal, as by `nohup`; 1 is `SIG_IGN`.
    private static let outlivesTerminal = unsafeBitCast(signal(SIGHUP, SIG_IGN), to: Int.self) == 1

    /// Takes signals of this process, SIGINT, SIGTERM and SIGHUP unless others are named, as wishes to stop.
    package static func onSignals(_ numbers: [Int32] = [SIGINT, SIGTERM, SIGHUP]) -> Cancellation {
        let queue = DispatchQueue(label: "runner.signals")
        let sources = numbers.filter { $0 != SIGHUP || !outlivesTerminal }.map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: queue)
        }
        let cancellation = Cancellation(sources: SignalSources(sources))
        for source in sources {
            source.setEventHandler { [weak cancellation] in cancellation?.request() }
            source.resume()
        }
        return cancellation
    }

    package var level: Level { state.withLock { $0.level } }

    /// Wishes a stop; a repeated wish asks for it at once.
    package func request() {
        let (level, handlers) = state.withLock { state in
            state.level = state.level == .none ? .soft : .hard
            return (state.level, Array(state.handlers.values))
        }
        handlers.forEach { $0(level) }
    }

    /// Calls `handler` for each wish from now on, and at once for one that was expressed before; returns a ticket.
    func observe(_ handler: @escaping @Sendable (Level) -> Void) -> Int {
        let (ticket, level) = state.withLock { state in
            state.nextTicket += 1
            state.handlers[state.nextTicket] = handler
            return (state.nextTicket, state.level)
        }
        if level > .none { handler(level) }
        return ticket
    }

    func forget(_ ticket: Int) {
        _ = state.withLock { $0.handlers.removeValue(forKey: ticket) }
    }

    /// Runs `body` in a task that a wish to stop cancels; throws `CancellationError` then, whatever `body` threw.
    func guarded<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
        let task = Task { try await body() }
        let ticket = observe { _ in task.cancel() }
        defer { forget(ticket) }
        do {
            return try await task.value
        } catch {
            throw level > .none ? CancellationError() : error
        }
    }
}
