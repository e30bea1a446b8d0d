/// A value that can be bound to a statement.
///
/// A type whose `RawValue` is encodable needs no more than the conformance.
package protocol PostgresEncodable: Sendable {
    /// The value in the server's text format; `nil` is NULL, unless `postgresBytes` holds the value.
    var postgresText: String? { get }
    /// The value in the server's binary format, for types that text would bloat.
    var postgresBytes: [UInt8]? { get }
    /// The server's type number; 0 lets the server infer it from the statement.
    static var postgresOID: UInt32 { get }
}

extension PostgresEncodable {
    package var postgresBytes: [UInt8]? { nil }
    package static var postgresOID: UInt32 { 0 }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    package var postgresText: String? { rawValue.postgresText }
    package var postgresBytes: [UInt8]? { rawValue.postgresBytes }
    package static var postgresOID: UInt32 { RawValue.postgresOID }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    package var postgresText: String? { self?.postgresText }
    package var postgresBytes: [UInt8]? { self?.postgresBytes }
    package static var postgresOID: UInt32 { Wrapped.postgresOID }
}
