import Foundation

/// Amounts in US dollars.
package enum Money {
    /// To 1e-10 dollars: sums of prices carry binary noise such as 0.0054280000000000005.
    package static func rounded(_ amount: Double) -> Double {
        (amount * 1e10).rounded() / 1e10
    }

    /// Without an exponent, which 0.00001 would have.
    package static func decimal(_ number: Double) -> String {
        number.formatted(
            .number.precision(.fractionLength(0...10)).grouping(.never).locale(Locale(identifier: "en_US_POSIX")))
    }

    /// A sensible amount that an agent gave; nil for anything else.
    package static func amount(_ amount: Double?) -> Double? {
        guard let amount, amount >= 0, amount < 1e9 else { return nil }
        return amount
    }
}
