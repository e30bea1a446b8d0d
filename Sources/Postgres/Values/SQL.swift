/// A statement whose interpolated values travel as binds, never as text.
///
///     let sql: SQL = "select * from tasks where id = \(id) and state = any(\(states))"
///
/// `\(value)` appends `$n` and a bind, `\(fragment)` of type `SQL` nests with its binds renumbered, and
/// `\(unescaped: text)` inserts raw text: use it for names and keywords from the program only.
package struct SQL: ExpressibleByStringInterpolation, Sendable {
    private(set) var parts: [SQLPart]

    package init(stringLiteral value: String) {
        parts = [.text(value)]
    }

    package init(stringInterpolation: StringInterpolation) {
        parts = stringInterpolation.parts
    }

    /// A statement made of raw text; the text must not come from outside the program.
    package init(unescaped text: String) {
        parts = [.text(text)]
    }

    private init(parts: [SQLPart]) {
        self.parts = parts
    }

    package static func + (left: SQL, right: SQL) -> SQL {
        SQL(parts: left.parts + right.parts)
    }

    package static func += (left: inout SQL, right: SQL) {
        left.parts += right.parts
    }

    /// The statement's text with `$1 … $n`, in the order of `binds`.
    package var text: String {
        var number = 0
        var text = ""
        // Asked for in every call: the pieces and room for the numbers at once.
        text.reserveCapacity(
            parts.reduce(0) { length, part in
                if case .text(let raw) = part { length + raw.utf8.count } else { length + 4 }
            })
        for part in parts {
            switch part {
            case .text(let raw): text += raw
            case .bind:
                text += number < SQL.markers.count ? SQL.markers[number] : "$\(number + 1)"
                number += 1
            }
        }
        return text
    }

    private static let markers = (1...99).map { "$\($0)" }

    var binds: [PostgresBind] {
        parts.compactMap { part in
            if case .bind(let bind) = part { bind } else { nil }
        }
    }
}

extension Sequence where Element == SQL {
    /// The fragments one after the other with raw `separator` text between them.
    package func joined(separator: SQL) -> SQL {
        var result: SQL = ""
        for (index, fragment) in enumerated() {
            if index > 0 { result += separator }
            result += fragment
        }
        return result
    }
}
