/// Holds back a character whose bytes are not all there yet, so that pieces of a stream can be shown as text.
struct UTF8Carry {
    private var held: [UInt8] = []

    /// What was held back and `bytes`, up to the last whole character.
    mutating func complete(_ bytes: [UInt8]) -> [UInt8] {
        var all = held + bytes
        held = Array(all.suffix(UTF8Carry.unfinished(all)))
        all.removeLast(held.count)
        return all
    }

    /// What is held back, as nothing more comes.
    mutating func rest() -> [UInt8] {
        defer { held = [] }
        return held
    }

    /// How many bytes at the end begin a character that needs more of them.
    private static func unfinished(_ bytes: [UInt8]) -> Int {
        for (index, byte) in bytes.suffix(3).reversed().enumerated() where byte & 0xC0 != 0x80 {
            let needed =
                switch byte {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 1
                }
            return needed > index + 1 ? index + 1 : 0
        }
        return 0
    }
}
