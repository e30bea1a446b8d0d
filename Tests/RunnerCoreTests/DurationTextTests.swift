import RunnerCore
import TestSupport
import Testing

@Suite struct DurationTextTests {
    @Test(
        "lengths of time are read",
        arguments: [
            ("30d", Duration.seconds(30 * 86400)), ("12h", .seconds(43200)), ("90s", .seconds(90)),
            ("15m", .seconds(900)), ("2w", .seconds(14 * 86400)), ("500ms", .milliseconds(500)), ("0s", .zero),
            ("1h30m", .seconds(5400)), ("1 m 05 s", .seconds(65)), (" 3 d 04 h ", .seconds(76 * 3600)),
            ("007s", .seconds(7)), ("36525d", .seconds(36525 * 86400)),
        ])
    func parses(_ text: String, _ expected: Duration) {
        #expect(DurationText.parse(text) == expected)
    }

    @Test(
        "everything else is refused",
        arguments: [
            "", " ", "5", "d", "-5s", "+5s", "1.5h", "1,5h", "5x", "5S", "5 D", "1h1h", "1m1h", "1s 1s", "5sec", "1e3s",
            "0x5s", "36526d", "36525d1ms", "9223372036854775807w", "99999999999999999999s", "5s!", "٥s", "5\ns", "5s\0",
            String(repeating: "0", count: 100) + "s", "∞", "forever",
        ])
    func refuses(_ text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        "lengths of time are short for people",
        arguments: [
            (Duration.zero, "0 ms"), (.milliseconds(450), "450 ms"), (.milliseconds(4240), "4.2 s"),
            (.milliseconds(4960), "5 s"), (.milliseconds(9949), "9.9 s"), (.milliseconds(9960), "10 s"),
            (.milliseconds(59_400), "59 s"), (.milliseconds(59_700), "1 m 00 s"), (.seconds(65), "1 m 05 s"),
            (.seconds(3599), "59 m 59 s"), (.milliseconds(3_599_800), "1 h 00 m"), (.seconds(7380), "2 h 03 m"),
            (.seconds(86399), "1 d"), (.seconds(76 * 3600), "3 d 04 h"), (.seconds(7 * 86400), "7 d"),
            (.seconds(-65), "-1 m 05 s"), (.seconds(999), "16 m 39 s"),
        ])
    func formats(_ duration: Duration, _ expected: String) {
        #expect(DurationText.format(duration) == expected)
    }

    @Test func `extreme values are formatted without overflow`() {
        for seconds in [Int64.min, .max] {
            let duration = Duration(secondsComponent: seconds, attosecondsComponent: 0)
            #expect(DurationText.format(duration).hasSuffix(" d") || DurationText.format(duration).hasSuffix(" h"))
        }
    }

    @Test("what is formatted is read again")
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<1000 {
            let duration = Duration.seconds(Int64.random(in: 10..<10_000_000, using: &generator))
            let text = DurationText.format(duration)
            let read = try #require(DurationText.parse(text))
            #expect(DurationText.format(read) == text)
        }
    }
}
