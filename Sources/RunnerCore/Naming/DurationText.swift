/// Reads and writes lengths of time as people type them.
package enum DurationText {
    /// The longest length of time that is read: 100 years.
    package static let maximum = Duration.seconds(36525 * 86400)

    /// Far from the end of the type, so that no sum overflows.
    private static let longest = Duration.seconds(Int64.max / 2)

    /// Larger before smaller; the factor is in milliseconds.
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Reads `30d`, `12h`, `90s`, `15m`, `2w`, `500ms`, or several of them from large to small: `1h 30m`.
    ///
    /// Nil for everything else: no unit, a sign, a fraction, more than 100 years.
    package static func parse(_ text: String) -> Duration? {
        var rest = text.utf8.drop { $0 == UInt8(ascii: " ") }
        guard !rest.isEmpty, rest.count <= 64 else { return nil }
        var total: Int64 = 0
        var remainingUnits = units[...]
        while !rest.isEmpty {
            let digits = rest.prefix { CredentialShape.isDigit($0) }
            rest = rest.dropFirst(digits.count).drop { $0 == UInt8(ascii: " ") }
            let letters = rest.prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
            rest = rest.dropFirst(letters.count).drop { $0 == UInt8(ascii: " ") }
            guard let number = Int64(String(Substring(digits))),
                let index = remainingUnits.firstIndex(where: { $0.name == String(Substring(letters)) })
            else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: units[index].milliseconds)
            guard !overflow, product <= maximum.components.seconds * 1000 - total else { return nil }
            total += product
            remainingUnits = units[(index + 1)...]
        }
        return .milliseconds(total)
    }

    /// A short form for people, in at most two units: `450 ms`, `4.2 s`, `1 m 05 s`, `2 h 03 m`, `3 d 04 h`.
    ///
    /// Rounded to the smaller unit shown. Below 10 seconds with tenths; whole units from days on stand alone.
    package static func format(_ duration: Duration) -> String {
        if duration < .zero { return "-" + format(.zero - max(duration, .zero - longest)) }
        let (whole, attoseconds) = min(duration, longest).components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        if whole == 0 { return "\(milliseconds) ms" }
        let tenths = (milliseconds + 50) / 100
        if whole < 10, whole * 10 + tenths < 100 {
            let total = whole * 10 + tenths
            return total % 10 == 0 ? "\(total / 10) s" : "\(total / 10).\(total % 10) s"
        }
        let seconds = whole + (milliseconds >= 500 ? 1 : 0)
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return pair(seconds / 60, "m", seconds % 60, "s") }
        let minutes = seconds / 60 + (seconds % 60 >= 30 ? 1 : 0)
        if minutes < 24 * 60 { return pair(minutes / 60, "h", minutes % 60, "m") }
        let hours = minutes / 60 + (minutes % 60 >= 30 ? 1 : 0)
        return hours % 24 == 0 ? "\(hours / 24) d" : pair(hours / 24, "d", hours % 24, "h")
    }

    private static func pair(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
        "\(large) \(largeUnit) \(small < 10 ? "0" : "")\(small) \(smallUnit)"
    }
}
