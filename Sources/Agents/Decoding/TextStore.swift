import Foundation

/// Texts that are kept, one behind another in one piece of memory.
///
/// Memory that a text has of its own the system hands out page by page, each when it is first written to, which takes longer
/// than all else that is done for the text. Of one large piece it gives 2 MB at once where it may.
struct TextStore {
    private let room: Int
    private var text = ""

    /// For `room` bytes; what comes beyond them is copied with all that came before.
    init(room: Int) {
        self.room = room
    }

    /// Takes a text, and says where it is.
    mutating func keep(_ more: String) -> Range<Int> {
        if text.isEmpty { reserve() }
        let start = text.utf8.count
        text += more
        return start..<text.utf8.count
    }

    /// A text that was kept, without a copy; whoever holds it makes the next one that is kept a copy of all.
    subscript(range: Range<Int>) -> Substring {
        let start = text.utf8.index(text.startIndex, offsetBy: range.lowerBound)
        return text[start..<text.utf8.index(start, offsetBy: range.count)]
    }

    private mutating func reserve() {
        text.reserveCapacity(room)
        text.withUTF8 { [room] bytes in
            let (base, page) = (UInt(bitPattern: bytes.baseAddress), UInt(sysconf(Int32(_SC_PAGESIZE))))
            let start = UnsafeMutableRawPointer(bitPattern: base & ~(page - 1))
            // Only advice: where it is not taken, all is as it would be without.
            madvise(start, room, MADV_HUGEPAGE)
        }
    }
}
