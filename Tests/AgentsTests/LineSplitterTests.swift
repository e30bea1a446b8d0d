import Testing

@testable import Agents

@Suite("Lines of bytes")
struct LineSplitterTests {
    private struct Line: Equatable {
        let bytes: [UInt8]
        let isCut: Bool
    }

    private func lines(_ pieces: [String], limit: Int = 64, oversize: LineSplitter.Oversize) -> [Line] {
        var splitter = LineSplitter(limit: limit, oversize: oversize)
        var lines: [Line] = []
        let take: LineSplitter.Taker = { line, isCut in
            lines.append(Line(bytes: line.withUnsafeBufferPointer { Array($0) }, isCut: isCut))
        }
        for piece in pieces { Array(piece.utf8).withUnsafeBytes { splitter.forEachLine(in: $0, take) } }
        splitter.end(take)
        return lines
    }

    @Test("only a newline ends a line")
    func newlineOnly() {
        let text = "a\r\u{2028}\u{85}\u{B}b\n\nc"
        let found = lines([text], oversize: .headOnly).map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(found == ["a\r\u{2028}\u{85}\u{B}b", "c"])
    }

    @Test("a long line comes in whole characters, however it was fed")
    func pieces() {
        let text = String(repeating: "aé😀", count: 40) + "\nend"
        let whole = lines([text], limit: 10, oversize: .inPieces)
        #expect(whole.allSatisfy { String(validating: $0.bytes, as: UTF8.self) != nil && $0.bytes.count <= 10 })
        #expect(whole.flatMap(\.bytes) == Array(text.utf8).filter { $0 != UInt8(ascii: "\n") })
        #expect(lines(text.unicodeScalars.map { String($0) }, limit: 10, oversize: .inPieces) == whole)
    }

    @Test("a line too long is told once and passed over; with a higher limit it comes whole")
    func headOnly() {
        let text = String(repeating: "x", count: 100) + "\nnext"
        let cut = lines([text], oversize: .headOnly)
        #expect(cut.map(\.isCut) == [true, false])
        #expect(lines([text], limit: 200, oversize: .headOnly).map(\.bytes.count) == [100, 4])
    }

    @Test("a line of exactly the limit is whole")
    func exactLimit() {
        let text = String(repeating: "x", count: 64) + "\n"
        for oversize in [LineSplitter.Oversize.inPieces, .headOnly] {
            #expect(lines([text], oversize: oversize).map(\.isCut) == [false])
        }
    }
}
