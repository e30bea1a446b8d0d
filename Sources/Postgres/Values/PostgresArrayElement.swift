/// A type whose arrays can be bound and read: `[UInt8]` is a `bytea`, the others are arrays of the server.
package protocol PostgresArrayElement: Sendable {
    static var postgresArrayOID: UInt32 { get }
    static func encode(array: [Self]) -> (text: String?, bytes: [UInt8]?)
    static func decode(array text: String) -> [Self]?
}

extension PostgresArrayElement where Self: PostgresEncodable & PostgresDecodable {
    package static func encode(array: [Self]) -> (text: String?, bytes: [UInt8]?) {
        (PostgresArrayText.encode(array.map(\.postgresText)), nil)
    }

    package static func decode(array text: String) -> [Self]? {
        guard let elements = PostgresArrayText.decode(text) else { return nil }
        var values: [Self] = []
        values.reserveCapacity(elements.count)
        for element in elements {
            guard let element, let value = Self(postgresText: element) else { return nil }
            values.append(value)
        }
        return values
    }
}

extension String: PostgresArrayElement {
    package static var postgresArrayOID: UInt32 { 1009 }
}

extension Int: PostgresArrayElement {
    package static var postgresArrayOID: UInt32 { 1016 }
}

extension UInt8: PostgresArrayElement {
    package static var postgresArrayOID: UInt32 { 17 }
    package static func encode(array: [UInt8]) -> (text: String?, bytes: [UInt8]?) { (nil, array) }
    package static func decode(array text: String) -> [UInt8]? { PostgresByteText.decode(text) }
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    package var postgresText: String? { Element.encode(array: self).text }
    package var postgresBytes: [UInt8]? { Element.encode(array: self).bytes }
    package static var postgresOID: UInt32 { Element.postgresArrayOID }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    package init?(postgresText text: String) {
        guard let values = Element.decode(array: text) else { return nil }
        self = values
    }
}
