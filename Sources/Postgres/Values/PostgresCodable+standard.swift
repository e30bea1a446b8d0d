package import Foundation

/// The type of a string is left to the server, so that it fits `text`, `jsonb`, enums and the like; where the server
/// cannot infer it, write `\(value)::text`.
extension String: PostgresEncodable, PostgresDecodable {
    package var postgresText: String? { self }
    package init?(postgresText text: String) { self = text }
}

extension Bool: PostgresEncodable, PostgresDecodable {
    package var postgresText: String? { self ? "t" : "f" }
    package static var postgresOID: UInt32 { 16 }

    package init?(postgresText text: String) {
        switch text {
        case "t", "true": self = true
        case "f", "false": self = false
        default: return nil
        }
    }
}

extension Int: PostgresEncodable, PostgresDecodable {
    package var postgresText: String? { String(self) }
    package static var postgresOID: UInt32 { 20 }
    package init?(postgresText text: String) { self.init(text) }
}

extension Int64: PostgresEncodable, PostgresDecodable {
    package var postgresText: String? { String(self) }
    package static var postgresOID: UInt32 { 20 }
    package init?(postgresText text: String) { self.init(text) }
}

extension Int32: PostgresEncodable, PostgresDecodable {
    package var postgresText: String? { String(self) }
    package static var postgresOID: UInt32 { 23 }
    package init?(postgresText text: String) { self.init(text) }
}

extension Double: PostgresEncodable, PostgresDecodable {
    package var postgresText: String? {
        if isNaN { return "NaN" }
        guard isFinite else { return self < 0 ? "-Infinity" : "Infinity" }
        return String(self)
    }
    package static var postgresOID: UInt32 { 701 }
    package init?(postgresText text: String) { self.init(text) }
}

/// A date is a `timestamptz` of whole microseconds; `distantFuture` and `distantPast` are the server's infinities.
extension Date: PostgresEncodable, PostgresDecodable {
    package var postgresText: String? { PostgresTimestamp(self).text }
    package static var postgresOID: UInt32 { 1184 }

    package init?(postgresText text: String) {
        guard let timestamp = PostgresTimestamp(text: text) else { return nil }
        self = timestamp.date
    }
}

/// Bytes are a `bytea`, sent in binary.
extension Data: PostgresEncodable, PostgresDecodable {
    package var postgresText: String? { nil }
    package var postgresBytes: [UInt8]? { [UInt8](self) }
    package static var postgresOID: UInt32 { 17 }

    package init?(postgresText text: String) {
        guard let bytes = [UInt8](postgresText: text) else { return nil }
        self.init(bytes)
    }
}
