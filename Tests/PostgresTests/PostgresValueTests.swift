import Foundation
import Testing

@testable import Postgres

@Suite("Values as text")
struct PostgresValueTests {
    @Test(
        "A timestamp is read to the microsecond",
        arguments: [
            ("1970-01-01 00:00:00+00", 0), ("1969-12-31 23:59:59.999999+00", -1),
            ("2024-02-29 12:30:45.5+00", 1_709_209_845_500_000), ("2024-02-29 18:00:45.5+05:30", 1_709_209_845_500_000),
            ("2024-02-29 09:30:45.5-03", 1_709_209_845_500_000), ("2024-02-29 12:30:45.5", 1_709_209_845_500_000),
            ("2024-02-29", 1_709_164_800_000_000), ("0044-03-15 00:00:00+00 BC", -63_517_824_000_000_000),
            ("12024-02-29 00:00:00+00", 317_278_684_800_000_000),
        ])
    func readTimestamp(text: String, microseconds: Int64) throws {
        let date = try #require(Date(postgresText: text))
        #expect(Int64((date.timeIntervalSince1970 * 1_000_000).rounded()) == microseconds)
    }

    @Test(
        "What is no timestamp is refused",
        arguments: ["", "now", "2024", "2024-13-01", "2024-01-01 1", "2024-01-01 00:00:00+00 AD", "x2024-01-01"])
    func refuseTimestamp(text: String) {
        #expect(Date(postgresText: text) == nil)
    }

    @Test("A timestamp written and read is the same: exactly for centuries, as well as a `Date` can for millennia")
    func roundTripTimestamps() {
        for step in 0..<4000 {
            let date = Date(timeIntervalSinceReferenceDate: Double(step - 2000) * 31_557_600.123_457)
            let text = PostgresTimestamp(date).text
            let back = Date(postgresText: text)
            #expect(abs((back ?? .distantPast).timeIntervalSince(date)) < 0.000_02, "\(text)")
            guard abs(step - 2000) < 250 else { continue }
            #expect(back.map { PostgresTimestamp($0).text } == text)
        }
        #expect(PostgresTimestamp(.distantFuture).text == "infinity")
        #expect(Date(postgresText: "-infinity") == .distantPast)
    }

    @Test(
        "Array text survives quotes, commas, braces, backslashes and NULL",
        arguments: [
            [], ["a"], ["a,b", "{c}", "\"", "\\", "NULL", "", " ", "é\u{301}👩‍👩‍👧", "\n"], [nil, "x", nil],
        ] as [[String?]])
    func arrayText(elements: [String?]) {
        #expect(PostgresArrayText.decode(PostgresArrayText.encode(elements)) == elements)
    }

    @Test(
        "What is no one-dimensional array is refused",
        arguments: ["", "a", "{", "{a", "{a,}", "{{a}}", "{\"a}", "{\"a\"b}"])
    func refuseArray(text: String) {
        #expect(PostgresArrayText.decode(text) == nil)
    }

    @Test("Bytes are read from hex, and nothing else is")
    func bytes() {
        #expect([UInt8](postgresText: "\\x00ff10") == [0, 255, 16])
        #expect([UInt8](postgresText: "\\x") == [])
        #expect([UInt8](postgresText: "\\x0") == nil)
        #expect([UInt8](postgresText: "abc") == nil)
    }

    @Test("A UUID is read in either case, and nothing else is")
    func uuids() throws {
        let id = UUID()
        #expect(UUID(postgresText: id.uuidString) == id)
        #expect(UUID(postgresText: id.uuidString.lowercased()) == id)
        let text = "0123abcd-0000-4000-8000-0123456789ab"
        #expect(UUID(postgresText: text)?.uuidString == text.uppercased())
        let dashes = [8, 13, 18, 23]
        for place in 0..<36 {
            for wrong in dashes.contains(place) ? ["0", "_"] : ["-", "g", "/", ":", "@", "`"] {
                var broken = Array(text).map(String.init)
                broken[place] = wrong
                #expect(UUID(postgresText: broken.joined()) == nil, "\(broken.joined())")
            }
        }
        for broken in ["", String(text.dropLast()), text + "0", "{\(text)}", "0123abcd-0000-4000-8000-0123456789é"] {
            #expect(UUID(postgresText: broken) == nil, "\(broken)")
        }
    }

    @Test(
        "A NUL character is found wherever it stands", arguments: ["", "a", "aé👩‍👩‍👧", String(repeating: "x", count: 100)])
    func findNUL(text: String) {
        #expect(!text.holdsNUL)
        #expect((text + "\0").holdsNUL)
        #expect(("\0" + text).holdsNUL)
        #expect((text + "\0" + text).holdsNUL)
    }

    @Test("A type with a raw value is encoded and decoded by it")
    func rawValues() {
        enum Colour: String, PostgresEncodable, PostgresDecodable { case red, green }
        #expect(Colour.red.postgresText == "red")
        #expect(Colour(postgresText: "green") == .green)
        #expect(Colour(postgresText: "blue") == nil)
    }
}
