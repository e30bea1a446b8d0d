import Foundation

/// Spells single letters in lower-case ASCII.
enum LatinLetters {
    /// Letters that no canonical decomposition takes apart.
    private static let special: [Unicode.Scalar: String] = [
        "ß": "ss", "ẞ": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d",
        "ð": "d", "Ð": "d", "þ": "th", "Þ": "th", "ł": "l", "Ł": "l", "ı": "i", "ħ": "h", "Ħ": "h", "ŧ": "t", "Ŧ": "t",
        "ŋ": "n", "Ŋ": "n", "ĸ": "k", "ſ": "s",
    ]

    /// The letters or digits that `scalar` stands for; empty for everything that is neither ASCII nor Latin.
    static func ascii(_ scalar: Unicode.Scalar) -> [UInt8] {
        if scalar.isASCII {
            let byte = UInt8(truncatingIfNeeded: scalar.value)
            guard CredentialShape.isAlphanumeric(byte) else { return [] }
            return [CredentialShape.isDigit(byte) ? byte : byte | 0x20]
        }
        if let spelling = special[scalar] { return Array(spelling.utf8) }
        // Latin-1 to Latin Extended-B, and Latin Extended Additional.
        guard (0xC0...0x24F).contains(scalar.value) || (0x1E00...0x1EFF).contains(scalar.value) else { return [] }
        return String(scalar).decomposedStringWithCanonicalMapping.utf8
            .filter(CredentialShape.isAlphanumeric).map { $0 | 0x20 }
    }
}
