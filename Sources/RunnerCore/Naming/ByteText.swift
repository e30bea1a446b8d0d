/// Reads and writes amounts of bytes as people type them.
package enum ByteText {
    private static let units: [(letter: Character, factor: Int)] = [
        ("T", 1 << 40), ("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10),
    ]

    /// Reads `20G`, `500M`, `64K`, `1T` (powers of 1024) or plain bytes; nil for everything else.
    package static func parse(_ text: String) -> Int? {
        guard let last = text.last else { return nil }
        let factor = units.first { String($0.letter) == last.uppercased() }?.factor ?? 1
        let digits = factor == 1 ? text[...] : text.dropLast()
        guard !digits.isEmpty, digits.utf8.allSatisfy({ CredentialShape.isDigit($0) }), let number = Int(digits)
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }

    /// A short form for people: `512 B`, `3.4 MB`, `12 GB`, in powers of 1024.
    package static func format(_ bytes: Int) -> String {
        for (letter, factor) in units where bytes >= factor {
            let tenths = (bytes / (factor / 10 == 0 ? 1 : factor / 10))
            return tenths < 100 ? "\(tenths / 10).\(tenths % 10) \(letter)B" : "\(bytes / factor) \(letter)B"
        }
        return "\(bytes) B"
    }
}
