import TestSupport
import Testing

@testable import Agents

@Suite("Texts in one piece of memory")
struct TextStoreTests {
    @Test(
        "every text is what was kept, also beyond the room and while others are held", arguments: [0, 100, 10_000_000])
    func texts(room: Int) {
        var generator = SeededGenerator(seed: 7)
        var store = TextStore(room: room)
        let texts = (0..<300).map { _ in
            String(
                repeating: ["", "a", "é\n", "\r", "\n😀"].randomElement(using: &generator) ?? "",
                count: .random(in: 0...90, using: &generator))
        }
        var places: [Range<Int>] = []
        var held: [Substring] = []
        for (number, text) in texts.enumerated() {
            places.append(store.keep(text))
            if number % 50 == 0 { held.append(store[places[number]]) }
        }
        #expect(places.map { String(store[$0]) } == texts)
        #expect(held.map(String.init) == stride(from: 0, to: 300, by: 50).map { texts[$0] })
    }

    @Test("a text is shown where it is kept, without a copy")
    func shared() throws {
        var store = TextStore(room: 1 << 20)
        let first = store.keep(String(repeating: "a", count: 100))
        let second = store.keep(String(repeating: "b", count: 100))
        let addresses = [first, second].map { place in
            store[place].utf8.withContiguousStorageIfAvailable { UInt(bitPattern: $0.baseAddress) } ?? 0
        }
        #expect(addresses[0] != 0 && addresses[1] == addresses[0] + 100)
    }
}
