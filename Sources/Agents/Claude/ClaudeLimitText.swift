import Foundation

/// Recognises the texts by which Claude Code says that a subscription's usage limit is reached, and when it resets.
///
/// Texts seen in public reports: "Claude AI usage limit reached|1751997600", "You've hit your limit · resets 1:30am
/// (Asia/Dhaka)", "You've hit your weekly limit · resets Sep 24, 5pm (UTC)", "5-hour limit reached ∙ resets 3pm".
/// Only for texts that the program itself wrote: a model may talk about limits.
struct ClaudeLimitText {
    var resetsAt: Date?

    /// A reset this long ago, or less, is taken as the one that is meant, not the next day's.
    private static let grace: TimeInterval = 15 * 60
    /// Limits last a week at most; what seems further away was misread.
    private static let horizon: TimeInterval = 32 * 24 * 3600

    /// Nil when `text` does not tell of a usage limit; `time` is when it was read.
    init?(_ text: String, at time: Date, timeZone: TimeZone) {
        // Longer texts are not the program's notice; the bound also keeps matching cheap.
        guard text.utf8.count <= 2000, Self.isLimit(text) else { return nil }
        resetsAt =
            Self.epoch(in: text, at: time) ?? Self.delay(in: text, at: time)
            ?? Self.clock(in: text, at: time, timeZone: timeZone)
    }

    /// The whole text is a notice of the program that some versions give as an ordinary result.
    static func isBanner(_ text: String) -> Bool {
        guard text.utf8.count <= 200 else { return false }
        // Looked for first: a pattern takes a thousand times longer.
        if text.utf8.contains(UInt8(ascii: "|")) {
            return text.wholeMatch(of: /\s*Claude (AI )?usage limit reached\|\d{9,13}\s*/) != nil
        }
        guard text.contains("·") || text.contains("∙") else { return false }
        let pattern =
            #/
            \s* (?: you['’]ve\ hit\ your\ (?:[\w\-]+\ )?limit | [\w\-]+ (?:\ [\w\-]+)? \ limit\ reached)
            \ [·∙]\ resets\ [^\n]* \s*
            /#
        return text.wholeMatch(of: pattern.ignoresCase()) != nil
    }

    private static func isLimit(_ text: String) -> Bool {
        let text = text.lowercased().replacing("’", with: "'")
        guard !text.contains("rate limit"), !text.contains("token limit") else { return false }
        return text.contains("limit reached")
            || text.contains("out of extra usage")
            || text.contains(/(hit|reached|exceeded) your [^.\n]{0,40}limit/)
            || text.contains(/limits? will reset/)
    }

    private static func epoch(in text: String, at time: Date) -> Date? {
        guard let match = text.firstMatch(of: /\|(\d{9,13})\b/), let number = Double(match.1) else { return nil }
        return plausible(Date(timeIntervalSince1970: number > 1e11 ? number / 1000 : number), at: time)
    }

    /// A moment that a limit seen at `time` can have; the past is left as it is: it means "now".
    static func plausible(_ date: Date, at time: Date) -> Date? {
        abs(date.timeIntervalSince(time)) < horizon ? date : nil
    }

    private static func delay(in text: String, at time: Date) -> Date? {
        let pattern = /resets? in (?:(\d{1,3})\s*(?:hours?|hrs?|h)\b)?\s*(?:(\d{1,4})\s*(?:minutes?|mins?|m)\b)?/
        guard let match = text.firstMatch(of: pattern.ignoresCase().asciiOnlyDigits()) else { return nil }
        let minutes = (match.1.flatMap { Double($0) } ?? 0) * 60 + (match.2.flatMap { Double($0) } ?? 0)
        return minutes > 0 ? time.addingTimeInterval(minutes * 60) : nil
    }

    /// The moment after "resets", "resets at" or "resets on"; a zone may stand behind it.
    static func clock(in text: String, at time: Date, timeZone: TimeZone) -> Date? {
        let pattern =
            #/
            reset(?:s|ting)?\s+(?:at\s+|on\s+)?
            (?:
                (?<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(?<day>\d{1,2})(?:st|nd|rd|th)?
                (?:,?\s+\d{4})?(?:,\s*|\s+at\s+|\s+)
              | (?<weekday>sun|mon|tue|wed|thu|fri|sat)[a-z]*,?\s+(?:at\s+)?
            )?
            (?<hour>\d{1,2})(?::(?<minute>\d{2}))?\s*(?<half>am|pm)?
            (?:\s*\((?<zone>[A-Za-z0-9_+\-\/]+)\)|\s+(?<letters>[A-Z]{3,4})\b)?
            /#
        guard let match = text.firstMatch(of: pattern.ignoresCase().asciiOnlyDigits()), var hour = Int(match.hour)
        else { return nil }
        guard match.half != nil || match.minute != nil, hour <= (match.half == nil ? 23 : 12) else { return nil }
        if let half = match.half { hour = hour % 12 + (half.lowercased() == "pm" ? 12 : 0) }
        var wanted = DateComponents(hour: hour, minute: match.minute.flatMap { Int($0) } ?? 0, second: 0)
        wanted.month = match.month.flatMap(month)
        wanted.day = match.day.flatMap { Int($0) }
        wanted.weekday = match.weekday.flatMap { position(of: $0, in: "sunmontuewedthufrisat") }
        guard (wanted.minute ?? 0) < 60 else { return nil }

        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone =
            match.zone.flatMap { TimeZone(identifier: String($0)) }
            ?? (match.zone ?? match.letters).flatMap { TimeZone(abbreviation: $0.uppercased()) } ?? timeZone
        let next = calendar.nextDate(
            after: time.addingTimeInterval(-grace), matching: wanted, matchingPolicy: .nextTime)
        return next.flatMap { plausible($0, at: time) }
    }

    /// The month's number by the first three letters of its English name.
    static func month(_ name: Substring) -> Int? {
        position(of: name, in: "janfebmaraprmayjunjulaugsepoctnovdec")
    }

    /// 1 for the first three letters of `names`.
    private static func position(of name: Substring, in names: String) -> Int? {
        guard let range = names.range(of: name.lowercased()) else { return nil }
        return names.distance(from: names.startIndex, to: range.lowerBound) / 3 + 1
    }
}
