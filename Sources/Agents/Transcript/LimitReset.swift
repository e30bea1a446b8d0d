import Foundation

/// Reads from a program's own error text when a limit ends, in the words of any program.
///
/// Digits are those of ASCII: `\d` alone takes those of every script, of which no number is made.
enum LimitReset {
    /// `time` is when the text was read, `timeZone` where its clock times are; nil when the text names no moment.
    static func moment(in text: String, at time: Date, timeZone: TimeZone) -> Date? {
        // Some programs wrap their messages, so that a phrase may be cut anywhere.
        let text = text.keepingHead(bytes: 2000).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let moment =
            delay(in: text, at: time) ?? timestamp(in: text, timeZone: timeZone) ?? epoch(in: text)
            ?? clock(in: text, at: time, timeZone: timeZone)
            ?? ClaudeLimitText.clock(in: text, at: time, timeZone: timeZone)
        return moment.flatMap { ClaudeLimitText.plausible($0, at: time) }
    }

    /// "try again in 1s", "try again in 3 days 4 hours 5 minutes", "retry after 20 seconds", "reset after 18h31m10s",
    /// "wait 90 seconds", and the header or member "retry-after: 20". Not the beginning of a date or a clock time.
    private static func delay(in text: String, at time: Date) -> Date? {
        let pattern =
            #/
            (?:try\ again\ (?:in|after)|retry[\ _\-]after|retry\ in|resets?\ (?:in|after)|\bwait(?:\ for)?)
            ["']?[\ :=]{1,3}["']?(?!\d{4}-\d|\d{1,2}:\d\d|\d{1,2}\ ?[ap]m\b)
            ((?:[0-9.]+\s*[a-z]*[,\s]*(?:and\s+)?){1,4})
            /#
        guard let match = text.firstMatch(of: pattern.ignoresCase().asciiOnlyDigits()) else { return nil }
        var seconds = 0.0
        // All decimals belong to the number: "7m29.203999999s".
        for part in match.1.matches(of: /([0-9]{1,7}(?:\.[0-9]*)?)\s*([a-zA-Z]*)/) {
            guard let amount = Double(part.1), let unit = unit(part.2.lowercased()) else { break }
            seconds += amount * unit
        }
        return seconds > 0 ? time.addingTimeInterval(seconds) : nil
    }

    private static func unit(_ name: String) -> Double? {
        switch name {
        case "ms": 0.001
        case "", "s", "sec", "secs", "second", "seconds": 1
        case "m", "min", "mins", "minute", "minutes": 60
        case "h", "hr", "hrs", "hour", "hours": 3600
        case "d", "day", "days": 86_400
        default: nil
        }
    }

    /// "resets_at": 1794758400, in seconds or milliseconds.
    private static func epoch(in text: String) -> Date? {
        let pattern = /resets?[a-z_\-]{0,20}["']?[ :=]{1,3}(\d{13}|\d{10})\b/
        guard let number = text.firstMatch(of: pattern.ignoresCase().asciiOnlyDigits()).flatMap({ Double($0.1) }) else {
            return nil
        }
        return Date(timeIntervalSince1970: number > 1e11 ? number / 1000 : number)
    }

    /// "resets at 2026-11-28T15:45:00Z", "try again after 2026-11-28 15:45"; without a zone it is the host's.
    private static func timestamp(in text: String, timeZone: TimeZone) -> Date? {
        let pattern =
            #/
            (?:try\ again|retry|resets?|available(?:\ again)?)[\ _\-](?:at|on|after|time)["']?[\ :=]{1,3}["']?
            (?<date>\d{4}-\d\d-\d\d)[T\ ](?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.\d+)?)?
            \ ?(?<zone>Z|UTC|GMT|[+\-]\d\d:?\d\d)?
            /#
        guard let match = text.firstMatch(of: pattern.ignoresCase().asciiOnlyDigits()) else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = match.zone.flatMap(zone) ?? timeZone
        let date = match.date.split(separator: "-").compactMap { Int($0) }
        guard date.count == 3 else { return nil }
        let parts = DateComponents(
            year: date[0], month: date[1], day: date[2], hour: Int(match.hour), minute: Int(match.minute),
            second: match.second.flatMap { Int($0) } ?? 0)
        guard parts.isValidDate(in: calendar) else { return nil }
        return calendar.date(from: parts)
    }

    private static func zone(_ name: Substring) -> TimeZone? {
        guard let sign = name.first, sign == "+" || sign == "-" else { return .gmt }
        let digits = name.filter(\.isNumber)
        guard let hours = Int(digits.prefix(2)), let minutes = Int(digits.suffix(2)) else { return nil }
        return TimeZone(secondsFromGMT: (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60))
    }

    /// "try again at 3:05 PM", the next such moment, or "try again at Dec 1st, 2026 3:05 PM", in Codex's words.
    ///
    /// A minute is named as a whole, so the limit is over for certain when the minute is.
    private static func clock(in text: String, at time: Date, timeZone: TimeZone) -> Date? {
        let pattern =
            #/
            try\ again\ at\ (?:
              (?<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\ (?<day>\d{1,2})(?:st|nd|rd|th)?
              (?:,?\ (?<year>\d{4}))?,?\ (?:at\ )?
            )?
            (?<hour>\d{1,2}):(?<minute>\d{2})\ ?(?<half>am|pm)?
            /#
        guard let match = text.firstMatch(of: pattern.ignoresCase().asciiOnlyDigits()), var hour = Int(match.hour),
            let minute = Int(match.minute), hour <= (match.half == nil ? 23 : 12), minute < 60
        else { return nil }
        if let half = match.half { hour = hour % 12 + (half.lowercased() == "pm" ? 12 : 0) }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        var wanted = DateComponents(hour: hour, minute: minute, second: 0)
        wanted.month = match.month.flatMap { ClaudeLimitText.month($0) }
        wanted.day = match.day.flatMap { Int($0) }
        wanted.year = match.year.flatMap { Int($0) }
        let begin =
            wanted.year == nil
            ? calendar.nextDate(after: time.addingTimeInterval(-15 * 60), matching: wanted, matchingPolicy: .nextTime)
            : wanted.isValidDate(in: calendar) ? calendar.date(from: wanted) : nil
        return begin?.addingTimeInterval(60)
    }
}
