extension String {
    /// The line as a terminal would leave it: without escape sequences, and of what was written over only the last.
    ///
    /// Programs that take their output for a terminal colour it and draw progress; neither is part of what they say.
    var asShown: String {
        let bytes = Array(utf8)
        guard bytes.contains(where: { $0 == 0x1B || $0 == 0x0D }) else { return self }
        var shown: [UInt8] = []
        var earlier: [UInt8] = []
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case 0x1B: index = Self.endOfSequence(in: bytes, at: index)
            case 0x0D:
                if !Self.isBlank(shown) { earlier = shown }
                shown.removeAll(keepingCapacity: true)
                index += 1
            default:
                shown.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: Self.isBlank(shown) ? earlier : shown, as: UTF8.self)
    }

    private static func isBlank(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 }
    }

    /// Where the sequence that begins with the ESC at `start` has ended (ECMA-48); the end where it is not whole.
    private static func endOfSequence(in bytes: [UInt8], at start: Int) -> Int {
        guard start + 1 < bytes.count else { return bytes.count }
        switch bytes[start + 1] {
        case UInt8(ascii: "["):
            return after(start + 2, in: bytes) { (0x40...0x7E).contains($0) }
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            // A text, to BEL or to ESC \.
            var index = start + 2
            while index < bytes.count {
                if bytes[index] == 0x07 { return index + 1 }
                if bytes[index] == 0x1B { return Swift.min(index + 2, bytes.count) }
                index += 1
            }
            return index
        default:
            return after(start + 1, in: bytes) { (0x30...0x7E).contains($0) }
        }
    }

    private static func after(_ start: Int, in bytes: [UInt8], _ isLast: (UInt8) -> Bool) -> Int {
        bytes[Swift.min(start, bytes.count)...].firstIndex(where: isLast).map { $0 + 1 } ?? bytes.count
    }
}
