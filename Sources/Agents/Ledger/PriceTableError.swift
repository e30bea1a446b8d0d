/// A price table that cannot be used.
package struct PriceTableError: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String

    package var description: String { message }
}
