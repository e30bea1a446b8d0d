/// One stretch of raw text or one bound value of a statement.
enum SQLPart: Sendable {
    case text(String)
    case bind(PostgresBind)
}

/// A value ready to be sent: its type (0 lets the server infer it) and its text or bytes; neither means NULL.
struct PostgresBind: Sendable {
    let type: UInt32
    let text: String?
    let bytes: [UInt8]?
}

extension SQL {
    /// Collects what a string literal of type `SQL` interpolates.
    package struct StringInterpolation: StringInterpolationProtocol {
        var parts: [SQLPart] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            parts.reserveCapacity(interpolationCount * 2 + 1)
        }

        package mutating func appendLiteral(_ literal: String) {
            guard !literal.isEmpty else { return }
            parts.append(.text(literal))
        }

        /// Appends a bind.
        package mutating func appendInterpolation<T: PostgresEncodable>(_ value: T) {
            parts.append(.bind(PostgresBind(type: T.postgresOID, text: value.postgresText, bytes: value.postgresBytes)))
        }

        /// Appends a bind that may be NULL; without this overload the compiler warns about an optional in a string.
        package mutating func appendInterpolation<T: PostgresEncodable>(_ value: T?) {
            parts.append(
                .bind(PostgresBind(type: T.postgresOID, text: value?.postgresText, bytes: value?.postgresBytes)))
        }

        /// Nests a fragment and its binds.
        package mutating func appendInterpolation(_ fragment: SQL) {
            parts += fragment.parts
        }

        /// Nests a fragment; the label makes a literal a fragment, which without it would be a bound string.
        package mutating func appendInterpolation(fragment: SQL) {
            parts += fragment.parts
        }

        /// Inserts raw text that comes from the program itself.
        package mutating func appendInterpolation(unescaped text: String) {
            parts.append(.text(text))
        }
    }
}
