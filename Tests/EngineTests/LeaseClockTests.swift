import Testing

@testable import Engine

@Suite("what a worker believes of its lease")
struct LeaseClockTests {
    @Test("that the server was away is remembered, and answers in time are nothing of the kind")
    func resumed() {
        let clock = LeaseClock(lease: .seconds(30), confirmedAt: .seconds(100))
        for moment in [105, 110, 104, 130] { clock.confirm(sentAt: .seconds(moment)) }
        #expect(clock.resumedAt == nil)
        #expect(clock.trustedUntil == .seconds(150))
        clock.confirm(sentAt: .seconds(151))
        #expect(clock.resumedAt == .seconds(151))
        clock.confirm(sentAt: .seconds(156))
        #expect(clock.resumedAt == .seconds(151))
        #expect(clock.trustedUntil == .seconds(176))
    }
}
