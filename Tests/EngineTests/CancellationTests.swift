import Synchronization
import Testing

@testable import Engine

@Suite struct CancellationTests {
    private final class Seen: Sendable {
        let levels = Mutex<[Cancellation.Level]>([])

        func handler() -> @Sendable (Cancellation.Level) -> Void {
            { level in self.levels.withLock { $0.append(level) } }
        }

        var all: [Cancellation.Level] { levels.withLock { $0 } }
    }

    private struct Fault: Error {}

    @Test("the first wish is soft, every further one is hard")
    func levels() {
        let cancellation = Cancellation()
        let seen = Seen()
        _ = cancellation.observe(seen.handler())
        #expect(cancellation.level == .none && seen.all.isEmpty)
        for _ in 0..<3 { cancellation.request() }
        #expect(cancellation.level == .hard)
        #expect(seen.all == [.soft, .hard, .hard])
    }

    @Test("who comes late hears at once what was wished, and who left hears no more")
    func lateAndGone() {
        let cancellation = Cancellation()
        let (early, late) = (Seen(), Seen())
        let ticket = cancellation.observe(early.handler())
        cancellation.request()
        cancellation.forget(ticket)
        _ = cancellation.observe(late.handler())
        cancellation.request()
        #expect(early.all == [.soft])
        #expect(late.all == [.soft, .hard])
    }

    @Test("a handler may wish, observe and leave by itself")
    func reentrant() {
        let cancellation = Cancellation()
        let seen = Seen()
        _ = cancellation.observe { level in
            if level == .soft { cancellation.request() }
            cancellation.forget(cancellation.observe(seen.handler()))
        }
        cancellation.request()
        #expect(cancellation.level == .hard && seen.all.contains(.hard))
    }

    @Test("a wish ends guarded work, and work begun after it, with a CancellationError")
    func guarded() async {
        let cancellation = Cancellation()
        await #expect(throws: CancellationError.self) {
            try await cancellation.guarded {
                cancellation.request()
                while true {
                    try Task.checkCancellation()
                    await Task.yield()
                }
            }
        }
        await #expect(throws: CancellationError.self) {
            try await cancellation.guarded {
                try Task.checkCancellation()
                throw Fault()
            }
        }
        await #expect(throws: CancellationError.self) { try await cancellation.guarded { throw Fault() } }
    }

    @Test("without a wish guarded work gives its value or its own error")
    func unguarded() async throws {
        let cancellation = Cancellation()
        #expect(try await cancellation.guarded { 7 } == 7)
        await #expect(throws: Fault.self) { try await cancellation.guarded { throw Fault() } }
    }

    @Test("a hundred wishes at once are counted right and reach every observer")
    func concurrent() async {
        let cancellation = Cancellation()
        let seen = Seen()
        _ = cancellation.observe(seen.handler())
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { cancellation.request() } }
        }
        #expect(seen.all.count == 100 && seen.all.count { $0 == .soft } == 1)
    }
}
