import Foundation
import RunnerCore
import TestSupport
import Testing

@testable import Agents

@Suite("The JSON tape")
struct JSONTapeTests {
    private func parse(_ text: String) -> JSONValue? {
        JSONValue(json: Array(text.utf8))
    }

    @Test("values are read as Foundation reads them", arguments: try Fixture.allNames())
    func agreesWithFoundation(_ name: String) throws {
        for line in try Fixture.load(name).stdout.split(separator: UInt8(ascii: "\n")) {
            let expected = try? JSONDecoder().decode(JSONValue.self, from: line)
            #expect(JSONValue(json: Array(line)) == expected)
        }
    }

    @Test("numbers, escapes and nesting")
    func values() {
        #expect(parse(#" {"a":[1,-2,3.5,1e3,true,false,null,"x"]} "#)?["a"]?.arrayValue?.count == 8)
        #expect(parse("9223372036854775807") == .integer(.max))
        #expect(parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
        #expect(parse("1e999") == .string("1e999"))
        #expect(parse("-0.5E-1") == .number(-0.05))
        #expect(parse(#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#) == .string("\"\\/\u{8}\u{C}\n\r\té😀"))
        #expect(parse(#"{"a":1,"a":2}"#) == .object(["a": .integer(2)]))
        #expect(parse("\u{FEFF}[]") == .array([]))
        #expect(parse("\"\u{2028}\u{85}\"") == .string("\u{2028}\u{85}"))
    }

    @Test("decimals of every length are what Swift reads, to the last bit")
    func decimals() {
        var generator = SeededGenerator(seed: 54)
        var wrong: [String] = []
        for round in 0..<20_000 {
            var digits = (0..<(2 + round % 20)).map { _ in String(Int.random(in: 0...9, using: &generator)) }
            let point = Int.random(in: 1..<digits.count, using: &generator)
            if point > 1, digits[0] == "0" { digits[0] = "7" }
            let text = (digits[..<point] + ["."] + digits[point...]).joined()
            if parse(text) != Double(text).map({ .number($0) }) { wrong.append(text) }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    }

    @Test(
        "what is not one JSON value is refused",
        arguments: [
            "", " ", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "01", "-", "1.", ".5", "1e", "+1", "tru", "nulls",
            "[] []",
            "\"a", "\"\\x\"", "\"\\u12g4\"", "\"\\u12", "\"\\", "\"a\tb\"", "'a'", "NaN", "[1 2]",
        ])
    func refused(_ text: String) {
        #expect(parse(text) == nil)
    }

    @Test("half a surrogate pair, broken UTF-8 and U+0000 become replacement characters, where Foundation gives up")
    func repairs() {
        #expect(parse(#""a\ud83d""#) == .string("a\u{FFFD}"))
        #expect(parse(#""\ud83dx""#) == .string("\u{FFFD}x"))
        #expect(parse(#""\ude00\ud83d\u0041""#) == .string("\u{FFFD}\u{FFFD}A"))
        #expect(parse(#""a\u0000b""#) == .string("a\u{FFFD}b"))
        #expect(JSONValue(json: [0x22, 0xFF, 0x41, 0x22]) == .string("\u{FFFD}A"))
        // Without this tape, a text cut inside an emoji would lose its whole line.
        #expect(throws: (any Error).self) {
            try JSONDecoder().decode(JSONValue.self, from: Data(#""a\ud83d""#.utf8))
        }
    }

    @Test("nesting is bounded")
    func depth() {
        let deep = 100_000
        #expect(parse(String(repeating: "[", count: deep) + String(repeating: "]", count: deep)) == nil)
        #expect(parse(String(repeating: "[", count: 100) + String(repeating: "]", count: 100)) != nil)
    }

    @Test("strings of every length, whole and cut, with an escape at every place")
    func lengths() {
        let escapes = [#"\n"#: "\n", #"\\"#: "\\", #"\""#: "\"", #"\u00e9"#: "é", #"\ud83d\ude00"#: "😀"]
        for length in 0...200 {
            let text = String(repeating: "x", count: length)
            #expect(parse("\"" + text) == nil)
            #expect(parse("[\"\(text)\"]") == .array([.string(text)]))
            for (written, meant) in escapes {
                #expect(parse("\"\(text)\(written)\(text)\"") == .string(text + meant + text))
                #expect(parse("\"\(text)\(written)") == nil)
                #expect(parse("\"\(text)\(written.dropLast())") == nil)
            }
        }
    }

    @Test("keys and words are found however they are written, and of repeated keys the last")
    func members() {
        var tape = JSONTape()
        let bytes = Array(#"{"ab":1,"a":{"ab":0},"\u0061b":"c\u0064","b":3,"abc":4}"#.utf8)
        let found = tape.read(bytes.span) { value in
            [
                "cd" ~= value["ab"], "ab" ~= value["ab"], value["a"]["ab"].int == 0, value["abc"].int == 4,
                value["c"].exists, value["b"]["ab"].exists,
            ]
        }
        #expect(found == [true, false, true, true, false, false])
    }

    @Test("a text is told by its bytes, however they are written")
    func texts() {
        var tape = JSONTape()
        let found = tape.read(Array(#"["é","\u00e9","e",1,""]"#.utf8).span) { value in
            var found: [[Bool]] = []
            value.forEach { element in found.append(["é", "e", "1", ""].map { element.isText($0) }) }
            return found
        }
        let (accent, letter, none) = (
            [true, false, false, false], [false, true, false, false], [Bool](repeating: false, count: 4)
        )
        #expect(found == [accent, accent, letter, none, [false, false, false, true]])
    }
}
