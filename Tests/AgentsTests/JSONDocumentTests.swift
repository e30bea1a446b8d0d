import RunnerCore
import Testing

@testable import Agents

@Suite("Documents out of a line")
struct JSONDocumentTests {
    /// Values, and whether their bytes stay as they are.
    static let rows: [(json: String, stays: Bool)] = [
        (#"{"b": 1.50, "a":[true,null,-3], "b" :{}}"#, true),
        (#""C:\\tmp\n\"x\"""#, true), (#""\\\\""#, true), (#"["é😀",0,999999999999999999]"#, true), ("{}", true),
        (#"{"\u0061":1}"#, false), (#""\u0000""#, false), (#"["\\",{"a":"x\ud83d"}]"#, false),
        (#""\ud83d\ude00""#, false),
        ("1e999", false), ("[1e-20000]", false), ("12345678901234567890", false), ("[-0.50]", false),
        (#"["\#(String(repeating: "x", count: 200))"]"#, false),
    ]

    @Test("a document is the value of its line, by its own bytes where they can be stored", arguments: rows)
    func document(json: String, stays: Bool) throws {
        var tape = JSONTape()
        let line = Array(#"{"key":\#(json),"other":1}"#.utf8)
        let read = try #require(
            tape.read(line.span) { ($0["key"].document(within: 100), $0["key"].value(within: 100)) })
        #expect((read.0.text == json) == stays)
        #expect(read.0.value == JSONDocument(read.1).value)
        #expect(!read.0.text.contains(#"\u0000"#) && !read.0.text.contains(#"\ud83d"#))

        let member = try #require(tape.read(line.span) { $0.document(of: "key", or: .null, within: 100) })
        #expect((member.text == #"{"key":\#(json)}"#) == stays)
        #expect(member == JSONDocument(.object(["key": read.0.value])))
    }

    @Test("a member that is missing is what was asked for, and bytes that are not UTF-8 are replaced")
    func others() {
        var tape = JSONTape()
        let missing = tape.read(Array("{}".utf8).span) { $0.document(of: "key", or: .string("none"), within: 100) }
        #expect(missing?.text == #"{"key":"none"}"#)
        let bytes = Array(#"{"key":""#.utf8) + [0xC3] + Array(#""}"#.utf8)
        let replaced = tape.read(bytes.span) { $0.document(within: 100) }
        #expect(replaced?.text == "{\"key\":\"\u{FFFD}\"}")
    }

    @Test("documents are compared by what they say")
    func equality() {
        let document = JSONDocument(text: #"{"a": 1, "b": "\/"}"#)
        let same = JSONDocument(.object(["b": .string("/"), "a": .integer(1)]))
        #expect(document == same && Set([document, same]).count == 1)
        #expect(document != JSONDocument(text: #"{"a": 1, "b": "x"}"#))
    }
}
