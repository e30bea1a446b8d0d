import Foundation

/// A moment as the server holds it: whole microseconds, here counted from 1970, or an infinity.
struct PostgresTimestamp {
    let date: Date

    /// From 1970-01-01 to 2001-01-01.
    private static let referenceMicroseconds: Int64 = 978_307_200_000_000

    init(_ date: Date) {
        self.date = date
    }

    /// ISO text in UTC; what the server cannot hold (before 4713 BC, after 294276) becomes an infinity.
    var text: String {
        // From `Date`'s own origin: each change of origin would round once more.
        let seconds = date.timeIntervalSinceReferenceDate
        guard date != .distantFuture, seconds < 9_223_339_708_799 else { return "infinity" }
        guard date != .distantPast, seconds > -211_845_067_200 else { return "-infinity" }
        // The whole seconds apart: a product of the two would round once more.
        let fraction = (seconds - seconds.rounded(.down)) * 1_000_000
        let micros = Int64(seconds.rounded(.down)) * 1_000_000 + Int64(fraction.rounded()) + Self.referenceMicroseconds
        let (day, inDay) = Self.floorDivide(micros, 86_400_000_000)
        let civil = Self.civil(fromDay: day)
        let second = inDay / 1_000_000
        let year = civil.year > 0 ? civil.year : 1 - civil.year
        return Self.padded(year, 4) + "-" + Self.padded(civil.month, 2) + "-" + Self.padded(civil.day, 2)
            + " " + Self.padded(second / 3600, 2) + ":" + Self.padded(second / 60 % 60, 2)
            + ":" + Self.padded(second % 60, 2) + "." + Self.padded(inDay % 1_000_000, 6) + "+00"
            + (civil.year > 0 ? "" : " BC")
    }

    /// Reads ISO output of `timestamptz`, `timestamp` (taken as UTC) and `date`.
    init?(text: String) {
        switch text {
        case "infinity": date = .distantFuture
        case "-infinity": date = .distantPast
        default:
            guard let micros = Self.microseconds(text) else { return nil }
            date = Date(timeIntervalSinceReferenceDate: Double(micros - Self.referenceMicroseconds) / 1_000_000)
        }
    }

    /// Hand-written rather than a regular expression: rows hold many moments, and a match costs microseconds.
    private static func microseconds(_ text: String) -> Int64? {
        var reader = PostgresTimestampReader(text)
        guard var year = reader.number(minimumDigits: 4), reader.skip("-"), let month = reader.number(minimumDigits: 2),
            reader.skip("-"), let day = reader.number(minimumDigits: 2), (1...12).contains(month),
            (1...31).contains(day)
        else { return nil }
        var micros: Int64 = 0
        if reader.skip(" ") {
            guard let clock = reader.clock() else { return nil }
            micros = clock
        }
        if let offset = reader.offset() { micros -= offset }
        if reader.skip(" ") {
            guard reader.skip("B"), reader.skip("C") else { return nil }
            year = 1 - year
        }
        guard reader.isAtEnd else { return nil }
        return self.day(year: year, month: month, day: day) * 86_400_000_000 + micros
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar; Howard Hinnant, "chrono-compatible date algorithms".
    private static func day(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = floorDivide(year, 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(fromDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivide(day + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
