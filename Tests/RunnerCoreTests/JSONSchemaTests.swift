import Foundation
import RunnerCore
import Testing

@Suite("JSON Schema")
struct JSONSchemaTests {
    private static func value(_ json: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
    }

    @Test(
        "every keyword, with a value that is right (nil) and one that is wrong (its message)",
        arguments: [
            (#""string""#, #""x""#, nil), (#""string""#, "3", "v: expected a string, found 3"),
            (#"{"type":["string","null"]}"#, "null", nil),
            (#"{"type":["string","null"]}"#, "true", "v: expected a string or null, found true"),
            (#""integer""#, "1.0", nil), (#""integer""#, "1.5", "v: expected an integer, found 1.5"),
            (#""number""#, "7", nil), (#""boolean""#, "0", "v: expected a boolean, found 0"),
            (#""object""#, "[]", "v: expected an object, found an empty list"),
            (#""array""#, "{}", "v: expected an array, found an object"),
            (#"{"enum":["a",1]}"#, "1.0", nil),
            (#"{"enum":["a",1]}"#, #""b""#, #"v: expected one of "a", 1, found "b""#),
            (#"{"const":{"a":[1]}}"#, #"{"a":[1.0]}"#, nil), (#"{"const":3}"#, "4", "v: expected 3, found 4"),
            (
                #"{"properties":{"files":{"items":"string"}}}"#, #"{"files":["a","b",3]}"#,
                "v.files[2]: expected a string, found 3"
            ),
            (#"{"required":["a"]}"#, #"{"b":1}"#, "v.a: it is missing"), (#"{"required":["a"]}"#, "4", nil),
            (
                #"{"properties":{"name":{}},"additionalProperties":false}"#, #"{"nmae":1}"#,
                #"v.nmae: it is not expected, did you mean "name"?"#
            ),
            (
                #"{"additionalProperties":"integer"}"#, #"{"two words":"x"}"#,
                #"v["two words"]: expected an integer, found "x""#
            ),
            (#"{"minItems":1}"#, "[]", "v: expected at least 1 item, found 0"),
            (#"{"maxItems":1}"#, "[1,2]", "v: expected at most 1 item, found 2"),
            (#"{"minLength":2}"#, #""é""#, "v: expected at least 2 characters, found 1"),
            (#"{"maxLength":1}"#, #""ab""#, "v: expected at most 1 character, found 2"),
            (#"{"minimum":2}"#, "1.5", "v: expected at least 2, found 1.5"), (#"{"maximum":2}"#, "2", nil),
            (#"{"maximum":2}"#, "3", "v: expected at most 2, found 3"),
            (#"{"pattern":"^a+$"}"#, #""aab""#, #"v: "aab" does not match ^a+$"#), (#"{"pattern":"a"}"#, "3", nil),
            ("{}", "null", nil),
        ] as [(String, String, String?)])
    func keywords(schema: String, value: String, message: String?) throws {
        let schema = try JSONSchema(try Self.value(schema))
        #expect(schema.problem(in: try Self.value(value), at: "v") == message)
        // Its JSON is the schema.
        let again = try JSONDecoder().decode(JSONSchema.self, from: JSONEncoder().encode(schema))
        #expect(again == schema)
    }

    @Test(
        "what is no schema is refused with its place",
        arguments: [
            ("3", [], "expected a schema"), (#""strnig""#, [], "did you mean \"string\"?"),
            (#"{"properties":{"a":{"tpye":"string"}}}"#, ["properties", "a", "tpye"], "did you mean \"type\"?"),
            (#"{"items":{"enum":[]}}"#, ["items", "enum"], "list of values"),
            (#"{"required":"a"}"#, ["required"], "list"),
            (#"{"minItems":-1}"#, ["minItems"], "from 0"), (#"{"minItems":3,"maxItems":2}"#, ["minItems"], "larger"),
            (#"{"pattern":"(?=x)"}"#, ["pattern"], "look-around"), (##"{"$ref":"#/a"}"##, ["$ref"], "unknown keyword"),
            (#"{"minimum":"1"}"#, ["minimum"], "number"), (#"{"type":[]}"#, ["type"], "type"),
        ])
    func refused(schema: String, path: [String], message: String) throws {
        let document = try Self.value(schema)
        let error = #expect(throws: JSONSchemaError.self) { try JSONSchema(document) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(error?.path == path.map { .key($0) })
    }

    @Test(
        "patterns match as regular expressions do",
        arguments: [
            ("a.c", "xabcx", true), ("^a.c$", "xabc", false), ("^(ab|cd)*$", "abcdab", true),
            ("^(ab|cd)*$", "abc", false),
            ("^[a-f0-9]{40}$", String(repeating: "a1", count: 20), true),
            ("^[a-f0-9]{40}$", String(repeating: "a", count: 41), false),
            ("^v\\d+\\.\\d+$", "v1.22", true), ("^v\\d+\\.\\d+$", "v1x22", false), ("[^a-z]", "abc", false),
            ("^\\S+$", "a b", false),
            ("^a{2,3}$", "aaaa", false), ("^a{2,}$", "aaaa", true), ("^a?$", "", true), ("", "", true),
            ("^$", "x", false),
            ("[]x]", "]", true), ("[a-]", "-", true), ("^(?:é|ü)+$", "éü", true), ("\\{\\}", "{}", true),
            ("^[\\w-]+$", "a-b_c", true),
            ("^.$", "\n", false), ("a|^b", "cb", false), ("^(a|)$", "", true),
            // Nothing, a thousand million times.
            ("^(((a{0}){1000}){1000}){1000}b", "b", true), ("^((a?){0,9}){9}b", "aab", true),
        ])
    func patterns(pattern: String, text: String, expected: Bool) throws {
        #expect(try TextPattern(pattern).matches(text) == expected)
    }

    @Test(
        "what a pattern cannot say, or not safely, is refused",
        arguments: [
            "(", ")", "[", "a**", "*", "a{", "a{2,1}", "a{99999}", "\\1", "(?<x>a)", "(?!a)", "a*?", "\\", "\\b",
            "[z-a]",
            "(a{100}){100}", "[\\d-z]", "^*", String(repeating: "(", count: 40) + String(repeating: ")", count: 40),
        ])
    func refusedPatterns(pattern: String) {
        #expect(throws: TextPatternError.self) { try TextPattern(pattern) }
    }

    @Test("a pattern that takes other engines years takes no time here")
    func hostile() throws {
        let pattern = try TextPattern("^(a+)+$")
        let text = String(repeating: "a", count: 50_000) + "b"
        let start = ContinuousClock.now
        #expect(!pattern.matches(text))
        #expect(ContinuousClock.now - start < .seconds(60))
    }
}
