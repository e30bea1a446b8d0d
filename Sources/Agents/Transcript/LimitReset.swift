import Foundation

/// Reads from a program's own error text when a limit ends, in the forms that are not Claude Code's.
enum LimitReset {
    /// `time` is when the text was read; nil when the text names no moment.
    static func moment(in text: String, at time: Date, timeZone: TimeZone) -> Date? {
        let text = text.keepingHead(bytes: 2000)
        return delay(in: text, at: time) ?? clock(in: text, at: time, timeZone: timeZone)
    }

    /// "try again in 1s", "try again in 3 days 4 hours 5 minutes", "retry after 20 seconds".
    private static func delay(in text: String, at time: Date) -> Date? {
        let pattern =
            #/
            (?:try\ again\ in|retry\ after|retry\ in|resets?\ in|retry-after:?)
            \s+((?:[0-9.]+\s*[a-z]*[,\s]*(?:and\s+)?){1,4})
            /#
        guard let match = text.firstMatch(of: pattern.ignoresCase()) else { return nil }
        var seconds = 0.0
        for part in match.1.matches(of: /([0-9]{1,7}(?:\.[0-9]{1,3})?)\s*([a-zA-Z]*)/) {
            guard let amount = Double(part.1), let unit = unit(part.2.lowercased()) else { break }
            seconds += amount * unit
        }
        return seconds > 0 ? ClaudeLimitText.plausible(time.addingTimeInterval(seconds), at: time) : nil
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

    /// "try again at 3:05 PM": the next such moment.
    private static func clock(in text: String, at time: Date, timeZone: TimeZone) -> Date? {
        let pattern = /try again at (\d{1,2}):(\d{2})\s*(am|pm)?/
        guard let match = text.firstMatch(of: pattern.ignoresCase()), var hour = Int(match.1),
            let minute = Int(match.2),
            hour <= (match.3 == nil ? 23 : 12), minute < 60
        else { return nil }
        if let half = match.3 { hour = hour % 12 + (half.lowercased() == "pm" ? 12 : 0) }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        return calendar.nextDate(
            after: time.addingTimeInterval(-15 * 60), matching: DateComponents(hour: hour, minute: minute, second: 0),
            matchingPolicy: .nextTime)
    }
}
