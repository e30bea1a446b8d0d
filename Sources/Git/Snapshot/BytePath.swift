/// A relative path as the exact bytes of the kernel, because a file name need not be UTF-8. Empty means the root itself.
package struct BytePath: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    static let slash = UInt8(ascii: "/")

    package var isEmpty: Bool { bytes.isEmpty }

    package var components: [[UInt8]] {
        bytes.split(separator: Self.slash).map(Array.init)
    }

    /// Whether one of the components is `name`.
    func contains(_ name: [UInt8]) -> Bool {
        var start = 0
        while start <= bytes.count {
            let end = bytes[start...].firstIndex(of: Self.slash) ?? bytes.count
            if end - start == name.count, bytes[start..<end].elementsEqual(name) { return true }
            start = end + 1
        }
        return false
    }

    package var name: [UInt8] {
        guard let slash = bytes.lastIndex(of: Self.slash) else { return bytes }
        return Array(bytes[(slash + 1)...])
    }

    package var parent: BytePath {
        guard let slash = bytes.lastIndex(of: Self.slash) else { return BytePath([]) }
        return BytePath(Array(bytes[..<slash]))
    }

    package func appending(_ name: [UInt8]) -> BytePath {
        isEmpty ? BytePath(name) : BytePath(bytes + [Self.slash] + name)
    }

    /// True for `other` itself and for everything beneath it.
    package func isWithin(_ other: BytePath) -> Bool {
        guard bytes.starts(with: other.bytes) else { return false }
        return other.isEmpty || bytes.count == other.bytes.count || bytes[other.bytes.count] == Self.slash
    }

    /// Orders a directory before what it holds.
    package static func < (a: BytePath, b: BytePath) -> Bool {
        a.bytes.lexicographicallyPrecedes(b.bytes)
    }

    /// Printable and lossless: control characters, space, `%` and bytes that are not UTF-8 as `%XX`.
    package var description: String { Self.escape(bytes) }

    static func escape(_ bytes: [UInt8]) -> String {
        var escaped: [UInt8] = []
        append(escaping: bytes, to: &escaped)
        return String(decoding: escaped, as: UTF8.self)
    }

    static func append(escaping bytes: [UInt8], to text: inout [UInt8]) {
        // Nearly every name is this plain.
        if bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x25 }) {
            text.append(contentsOf: bytes)
            return
        }
        let isText = String(validating: bytes, as: UTF8.self) != nil
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in bytes {
            if byte <= 0x20 || byte == 0x25 || byte == 0x7F || (byte >= 0x80 && !isText) {
                text.append(0x25)
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 15)])
            } else {
                text.append(byte)
            }
        }
    }

    /// Reverses `escape`; nil when a `%` is not followed by two hexadecimal digits.
    static func unescape(_ escaped: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(escaped.count)
        var rest = escaped.makeIterator()
        while let byte = rest.next() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.next().flatMap(hexValue), let low = rest.next().flatMap(hexValue) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// Lends a name to C, with its closing zero byte.
package func withCName<R>(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> R) -> R {
    let terminated = name.map { CChar(bitPattern: $0) } + [0]
    return terminated.withUnsafeBufferPointer { buffer in
        // A zero-terminated array is never empty, so its base address exists.
        buffer.baseAddress.map(body) ?? "".withCString(body)
    }
}
