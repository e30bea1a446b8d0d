/// A scalar: its text, and what the text means when it is not quoted (YAML 1.2's core rules: `yes` and `on` are texts).
struct YAMLScalar: Hashable {
    enum Style: Hashable {
        case plain, quoted
        /// `|`: each line of the text is a line of the file.
        case literal
        /// `>`
        case folded
    }

    let text: String
    let style: Style

    var isNull: Bool {
        style == .plain && ["", "~", "null", "Null", "NULL"].contains(text)
    }

    var bool: Bool? {
        guard style == .plain else { return nil }
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return nil
        }
    }

    var integer: Int? {
        guard style == .plain else { return nil }
        return Int(text)
    }

    /// Plain decimal notation; `1e5` and the like too.
    var number: Double? {
        guard style == .plain, let first = text.unicodeScalars.first, "+-.0123456789".unicodeScalars.contains(first),
            text.unicodeScalars.allSatisfy({ "+-.0123456789eE".unicodeScalars.contains($0) })
        else { return nil }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    /// The value with the kind that YAML gives it.
    var json: JSONValue {
        if isNull { return .null }
        if let bool { return .bool(bool) }
        if let integer { return .integer(integer) }
        if let number { return .number(number) }
        return .string(text)
    }

    /// The same for what scripts and prompts get to see: the version `3.10` and the number `007` stay as they are written.
    ///
    /// A comparison in an `if` takes a text that is a number for one.
    var written: JSONValue {
        switch json {
        case .integer(let value) where String(value) != text: .string(text)
        case .number(let value) where JSONValue.number(value).plainText != text: .string(text)
        case let value: value
        }
    }
}
