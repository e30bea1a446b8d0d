import RunnerCore
import TestSupport
import Testing

@testable import Agents

@Suite("Texts of JSON strings, capped where they stand")
struct JSONTextTests {
    private func text(_ json: String, within limit: Int) -> String? {
        var tape = JSONTape()
        return tape.read(Array(json.utf8).span) { $0.string(within: limit) } ?? nil
    }

    @Test("a text cut where it stands is the whole text cut", arguments: 0..<200)
    func capped(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let parts = [
            #"a"#, #"plain words "#, #"\n"#, #"\\"#, #"\""#, #"\u00e9"#, #"\ud83d\ude00"#, #"\ud83d"#, #"\u0000"#, "é",
            "😀",
        ]
        // Few kinds at a time, so that there are long runs of escapes.
        let kinds = (0..<Int.random(in: 1...4, using: &generator)).compactMap { _ in
            parts.randomElement(using: &generator)
        }
        let json = (0..<Int.random(in: 0...600, using: &generator)).compactMap { _ in
            kinds.randomElement(using: &generator)
        }
        let literal = "\"\(json.joined())\""
        let whole = try #require(text(literal, within: .max))
        for limit in [0, 1, 50, 64, 65, 100, 300, 1000, 5000] {
            #expect(text(literal, within: limit) == whole.capped(bytes: limit), "limit \(limit)")
        }
    }

    @Test("bytes that are not UTF-8 do not break the limit")
    func invalid() {
        let bytes = [UInt8(ascii: "\"")] + [UInt8](repeating: 0xFF, count: 1000) + [UInt8(ascii: "\"")]
        var tape = JSONTape()
        let text = tape.read(bytes.span) { $0.string(within: 500) } ?? nil
        #expect((text?.utf8.count ?? 0) <= 500 && text?.contains("\u{FFFD}") == true)
        let none = tape.read(bytes.span) { $0["key"].string == nil && $0.last.exists == false } ?? false
        #expect(none)
    }

    @Test("keys are found whatever they are written like, and of repeated ones the last counts")
    func keys() {
        var tape = JSONTape()
        let json = Array(#"{"a":{"b":1},"\u0061":{"b":2,"c":[1,{"d":3}],"e":4}}"#.utf8)
        let found = tape.read(json.span) { value in
            [value["a"].int("b"), value["a"]["c"].last.int("d"), value["a"].int("e"), value["x"]["y"].int]
        }
        #expect(found == [2, 3, 4, nil])
    }

    @Test("a value within a limit keeps its first members, and long strings are cut")
    func value() {
        var tape = JSONTape()
        let long = String(repeating: "x", count: 1000)
        let json = Array(#"{"b":"\#(long)","a":1,"c":[true,null]}"#.utf8)
        let kept = tape.read(json.span) { $0.value(within: 200) }
        #expect(kept?["a"] == .integer(1))
        #expect((kept?["b"]?.stringValue?.utf8.count ?? 1000) <= 200)
        #expect(kept?["c"] == nil)
        let whole = tape.read(json.span) { $0.value }
        #expect(whole == .object(["a": .integer(1), "b": .string(long), "c": .array([.bool(true), .null])]))
    }
}
