import Foundation

/// Figures as programs write them.
enum FigureText {
    /// A count of tokens: "12345", "12,345", or rounded as "2.5k" and "1.2M".
    static func count(_ text: String) -> Int? {
        let text = text.trimmingCharacters(in: .whitespaces)
        if let factor = ["k": 1e3, "m": 1e6][text.suffix(1).lowercased()] {
            let number = Double(text.dropLast().filter { $0.isNumber || $0 == "." }) ?? -1
            return number >= 0 && number * factor < 1e9 ? Int((number * factor).rounded()) : nil
        }
        // "1234.0", as some languages write each number; not "1.234", which may be either.
        let digits = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        return Int(digits.filter(\.isNumber)).flatMap { $0 < 1_000_000_000 ? $0 : nil }
    }

    /// An amount of money: "0.25", "$0.25" or "1,234.50"; a comma that could be a decimal point is none that is known.
    static func amount(_ text: String) -> Double? {
        var text = text.trimmingCharacters(in: .whitespaces)
        if text.hasPrefix("$") { text.removeFirst() }
        if text.wholeMatch(of: /\d{1,3}(,\d{3})+\.\d+/) != nil { text.removeAll { $0 == "," } }
        return Double(text).flatMap { (0..<1e9).contains($0) ? $0 : nil }
    }
}
