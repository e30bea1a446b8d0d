/// What tells text from other content, counted as `git` counts it (convert.c, gather_stats).
struct TextFacts {
    private(set) var loneNewlines = 0
    private(set) var loneReturns = 0
    private(set) var pairs = 0
    private var zeros = 0
    private var printable = 0
    private var unprintable = 0

    var isBinary: Bool { loneReturns > 0 || zeros > 0 || printable >> 7 < unprintable }

    init(_ content: UnsafeRawBufferPointer) {
        var position = 0
        while position < content.count {
            let byte = content[position]
            position += 1
            switch byte {
            case 0x0D:
                if position < content.count, content[position] == 0x0A {
                    pairs += 1
                    position += 1
                } else {
                    loneReturns += 1
                }
            case 0x0A: loneNewlines += 1
            case 0x08, 0x09, 0x0C, 0x1B: printable += 1
            case 0:
                zeros += 1
                unprintable += 1
            case 1..<0x20, 0x7F: unprintable += 1
            default: printable += 1
            }
        }
        // The end-of-file mark of DOS.
        if content.last == 0x1A { unprintable -= 1 }
    }
}
