/// Takes the numbers of a timestamp's text apart, left to right.
struct PostgresTimestampReader {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = Substring(text).utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let byte = rest.first, byte == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    /// All digits from here on.
    mutating func number(minimumDigits: Int) -> Int64? {
        var (value, count) = (Int64(0), 0)
        while let byte = rest.first, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            guard count < 6 else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            count += 1
            rest.removeFirst()
        }
        return count >= minimumDigits ? value : nil
    }

    /// `hh:mm:ss[.ffffff]` in microseconds.
    mutating func clock() -> Int64? {
        guard let hour = number(minimumDigits: 2), skip(":"), let minute = number(minimumDigits: 2), skip(":"),
            let second = number(minimumDigits: 2)
        else { return nil }
        let whole = (hour * 3600 + minute * 60 + second) * 1_000_000
        guard skip(".") else { return whole }
        let before = rest.count
        guard var fraction = number(minimumDigits: 1) else { return nil }
        for _ in (before - rest.count)..<6 { fraction *= 10 }
        return whole + fraction
    }

    /// `+hh[:mm[:ss]]` in microseconds; `nil`, and nothing read, where no offset stands.
    mutating func offset() -> Int64? {
        guard let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        rest.removeFirst()
        var seconds = (number(minimumDigits: 2) ?? 0) * 3600
        if skip(":") { seconds += (number(minimumDigits: 2) ?? 0) * 60 }
        if skip(":") { seconds += number(minimumDigits: 2) ?? 0 }
        return (sign == UInt8(ascii: "-") ? -seconds : seconds) * 1_000_000
    }
}
