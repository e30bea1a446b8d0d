import Foundation
import Testing

@testable import RunnerCore

@Suite struct WorkTimeTests {
    private static func moment(_ seconds: Double) -> Date { Date(timeIntervalSinceReferenceDate: seconds) }

    @Test("side by side counts once, waits count for nothing, and what goes on counts up to the moment")
    func total() {
        var time = WorkTime()
        let (first, second, third) = (AttemptID(), AttemptID(), AttemptID())
        #expect(time.total(until: Self.moment(5)) == .zero)
        time.begin(first, at: Self.moment(0))
        #expect(time.total(until: Self.moment(3)) == .seconds(3))
        time.begin(second, at: Self.moment(2))
        time.end(first, at: Self.moment(4))
        time.end(second, at: Self.moment(6))
        #expect(time.total(until: Self.moment(100)) == .seconds(6))
        time.begin(third, at: Self.moment(100))
        #expect(time.total(until: Self.moment(100)) == .seconds(6))
        #expect(time.total(until: Self.moment(101)) == .seconds(7))
        // Only what was before the moment: whoever goes on with an attempt comes to what was left when it began.
        #expect(time.total(until: Self.moment(3)) == .seconds(3))
        time.end(AttemptID(), at: Self.moment(0))
        #expect(time.total(until: Self.moment(101)) == .seconds(7))
    }

    @Test("a clock that was put back makes no work undone")
    func clock() {
        var time = WorkTime()
        let (first, second) = (AttemptID(), AttemptID())
        time.begin(first, at: Self.moment(10))
        time.end(first, at: Self.moment(4))
        time.begin(second, at: Self.moment(5))
        time.end(second, at: Self.moment(8))
        #expect(time.total(until: Self.moment(20)) == .seconds(3))
    }
}
