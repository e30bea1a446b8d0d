import Foundation

/// Times in sentences about gates.
enum GateText {
    /// As `2026-11-27 19:45 UTC`.
    static func time(_ date: Date) -> String {
        date.formatted(
            .iso8601.year().month().day().dateSeparator(.dash).time(includingFractionalSeconds: false)
        ).replacing("T", with: " ").replacing("Z", with: "") + " UTC"
    }
}
