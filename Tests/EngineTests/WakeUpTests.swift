import Synchronization
import Testing

@testable import Engine

@Suite("the bell that loops wait for")
struct WakeUpTests {
    private final class Count: Sendable {
        let value = Mutex(0)
    }

    @Test("a limit that is over before the wait has begun ends it", .timeLimit(.minutes(1)))
    func noTime() async {
        let bell = WakeUp()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<2_000 { await bell.wait(atMost: .seconds(-1)) } }
            }
        }
    }

    @Test("every waiting loop is woken, by the bell or by its own limit, and a ring that nobody hears is kept")
    func waiters() async throws {
        let bell = WakeUp()
        let woken = Count()
        for limit in [Duration.seconds(600), .seconds(600), .milliseconds(1)] {
            Task {
                await bell.wait(atMost: limit)
                woken.value.withLock { $0 += 1 }
            }
        }
        // The two others may begin to wait after a ring, so it is rung until all are woken.
        let end = ContinuousClock.now + .seconds(60)
        while woken.value.withLock({ $0 }) < 3, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(10))
            bell.ring()
        }
        #expect(woken.value.withLock { $0 } == 3)
        bell.ring()
        await bell.wait(atMost: .seconds(600))
    }
}
