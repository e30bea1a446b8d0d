/// What a checkout left undone on purpose.
package struct CheckoutReport: Sendable, Hashable {
    /// Paths whose attributes name an external filter (as `lfs`), by its name: they hold what the repository stores.
    package internal(set) var unfiltered: [String: [[UInt8]]] = [:]

    func union(_ other: CheckoutReport) -> CheckoutReport {
        CheckoutReport(unfiltered: unfiltered.merging(other.unfiltered) { $0 + $1 })
    }
}
