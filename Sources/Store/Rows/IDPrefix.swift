import Foundation
import Postgres

/// The ids that begin with what a person typed, as a range that the key's index can answer.
struct IDPrefix {
    let lowest: UUID
    let highest: UUID

    /// Nil when the text is no beginning of a UUID, with or without hyphens, of at least four digits.
    init?(_ text: String) {
        let digits = text.replacing("-", with: "")
        guard (4...32).contains(digits.count), digits.allSatisfy({ $0.isASCII && $0.isHexDigit }),
            let lowest = Self.uuid(digits, filler: "0"), let highest = Self.uuid(digits, filler: "f")
        else { return nil }
        let typed = text.lowercased()
        let canonical = lowest.uuidString.lowercased()
        guard !typed.contains("-") || canonical.hasPrefix(typed.hasSuffix("-") ? String(typed.dropLast()) : typed)
        else {
            return nil
        }
        self.lowest = lowest
        self.highest = highest
    }

    /// A condition on a column of type `uuid`.
    func matches(_ column: SQL) -> SQL { "\(column) between \(lowest) and \(highest)" }

    private static func uuid(_ digits: String, filler: Character) -> UUID? {
        var text = digits + String(repeating: filler, count: 32 - digits.count)
        for position in [20, 16, 12, 8] {
            text.insert("-", at: text.index(text.startIndex, offsetBy: position))
        }
        return UUID(uuidString: text)
    }
}
