import Foundation

/// Dates and durations as people and programs read them.
enum Moments {
    static func iso(_ date: Date) -> String {
        date.formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
    }

    /// "in 7 days", "3 min ago".
    static func relative(_ date: Date, to now: Date = Date()) -> String {
        let seconds = date.timeIntervalSince(now)
        let text = span(abs(seconds))
        return seconds >= 0 ? "in \(text)" : "\(text) ago"
    }

    static func span(_ seconds: Double) -> String {
        switch seconds {
        case ..<1: "moments"
        case ..<90: "\(Int(seconds.rounded())) s"
        case ..<5400: "\(Int((seconds / 60).rounded())) min"
        case ..<129_600: "\(Int((seconds / 3600).rounded())) h"
        default: "\(Int((seconds / 86400).rounded())) days"
        }
    }

    static func duration(milliseconds: Int) -> String {
        switch milliseconds {
        case ..<1000: "\(milliseconds) ms"
        case ..<60_000: String(format: "%.1f s", Double(milliseconds) / 1000)
        default: "\(milliseconds / 60_000) min \(milliseconds % 60_000 / 1000) s"
        }
    }
}
