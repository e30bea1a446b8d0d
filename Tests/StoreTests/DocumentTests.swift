import Foundation
import Postgres
import RunnerCore
import Testing

@testable import Store

extension StoreSuite {
    struct DocumentTests {
        /// Values, and what is read again of each.
        static let samples: [(given: JSONValue, read: JSONValue)] = {
            let texts = ["", "a\"b\\c/", "\n\r\t\u{1}\u{1f}\u{7f}", "\u{2028}é\u{301}👩‍🚀\r\n", "{\"a\": [1]}"].map(
                JSONValue.string)
            let numbers = [0.1, -1.5e-7, 1e300, .leastNonzeroMagnitude, 123_456_789.25].map(JSONValue.number)
            let same = texts + numbers + [.null, .bool(true), .bool(false), .integer(.min), .integer(.max)]
            return (same + [.array(same), .array([]), .object([:]), .object(["k\"\\\n": .array(same), "": .null])])
                .map { ($0, $0) } + [
                    (.string("a\0b"), .string("a\u{FFFD}b")),
                    (.object(["\0": .integer(1)]), .object(["\u{FFFD}": .integer(1)])),
                    (.number(.nan), .null), (.array([.number(-.infinity)]), .array([.null])),
                    (.number(3), .integer(3)), (.number(-0.0), .integer(0)),
                ]
        }()

        @Test("A document comes back from the server as it was given, but for what jsonb cannot hold")
        func roundTrip() async throws {
            try await Database.with { database in
                for (given, read) in Self.samples {
                    let found = try await database.client.query("select \(given)::jsonb as value").first?
                        .decode("value", as: JSONValue.self)
                    #expect(found == read, "\(given.postgresText ?? "")")
                }
            }
        }

        @Test("A document is read as Foundation reads it")
        func sameAsFoundation() throws {
            let texts =
                try Self.samples.map { try JSONEncoder().encode($0.read) }.map { String(decoding: $0, as: UTF8.self) }
                + ["{\"a\": 1.0, \"b\" :[ 1e2,-0.0 ,\t12345678901234567890 ]\n}", "\"\\u00e9\\b\\f\\/\"", " 1 "]
            for text in texts {
                let expected = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
                #expect(JSONValue(postgresText: text) == expected, "\(text)")
            }
        }

        @Test(
            "What is no document is refused",
            arguments: [
                "", " ", "{", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "tru", "nul", "\"", "\"\\", "\"\\u12\"",
                "\"\\x\"",
                "1 2", "1e999", "-", "+1", "[1]]", String(repeating: "[", count: 100_000),
            ])
        func refused(text: String) {
            #expect(JSONValue(postgresText: text) == nil)
        }
    }
}
