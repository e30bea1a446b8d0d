import CScan
import RunnerCore
import TestSupport
import Testing

@testable import Agents

@Suite("What C reads and writes of a line")
struct ScanBoundsTests {
    private static let pieces = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", #"\n"#, #"\""#, #"\u00e9"#, #"\ud83d\ude00"#, #"\ud83d"#, #"\u12"#,
        " ",
        "\"type\":", "\"a\":1", "1.5e3", "-", "tru", "true", "null", "é", String(repeating: "x", count: 61),
    ]

    /// A line of JSON, or something like it.
    private static func line(_ generator: inout SeededGenerator) -> [UInt8] {
        let words = (0..<Int.random(in: 0...30, using: &generator)).compactMap { _ in
            pieces.randomElement(using: &generator)
        }
        let text = words.joined()
        return Array((Bool.random(using: &generator) ? "{\"type\":\"\(text)\"}" : text).utf8)
    }

    @Test("nothing behind the line, the nodes or the text is touched", arguments: 0..<20)
    func bounds(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let content = Self.line(&generator)
            let line = try GuardedBytes(content)
            let all = read(line, room: 256)
            #expect(all == read(Array(content), room: 256))
            guard all.count > 0 else { continue }
            #expect(read(line, room: all.count) == all)
            #expect(read(line, room: all.count - 1).count == Int(RUNNER_NO_ROOM))
            for node in all.nodes where node.type == .string {
                let expected = JSONValue(json: [0x22] + content[node.range] + [0x22])?.stringValue
                for unescape in [runner_unescape, runner_unescape_plainly] {
                    let text = try GuardedBytes(count: node.range.count)
                    let length = unescape(
                        UnsafePointer(line.bytes.baseAddress?.advanced(by: Int(node.start))), Int64(node.range.count),
                        text.bytes.baseAddress)
                    #expect(String(decoding: text.bytes.prefix(Int(length)), as: UTF8.self) == expected)
                }
            }
        }
    }

    @Test("members are looked for within the object alone")
    func members() throws {
        for key in ["a", "ab", "abcd", "abcdefgh", "abcdefghi", "abcdefghijklmnopq"] {
            // The shortest that can hold it: its last byte but three is the last of the key.
            let line = try GuardedBytes(Array("{\"\(key)\":1}".utf8))
            let read = read(line, room: 3)
            #expect(read.count == 3)
            for wanted in [key, key + "x", String(key.dropLast()) + "x", String(repeating: "y", count: 80)] {
                let found = read.nodes.withUnsafeBufferPointer { nodes in
                    Array(wanted.utf8).withUnsafeBufferPointer {
                        runner_member(
                            line.bytes.baseAddress, nodes.baseAddress, 0, $0.baseAddress, Int64(wanted.utf8.count))
                    }
                }
                #expect(found == (wanted == key ? 2 : -1))
            }
        }
    }

    @Test("the check itself: the page behind cannot be read, the last byte before it can")
    func negativeControl() throws {
        let bytes = try GuardedBytes(Array("abc".utf8))
        #expect(bytes.isReadable(at: 2))
        #expect(!bytes.isReadable(at: 3))
    }

    private struct Read: Equatable {
        let count: Int
        let nodes: [JSONTape.Node]

        static func == (a: Read, b: Read) -> Bool {
            a.count == b.count
                && a.nodes.elementsEqual(b.nodes) {
                    ($0.kind, $0.start, $0.count, $0.link) == ($1.kind, $1.start, $1.count, $1.link)
                }
        }
    }

    private func read(_ line: GuardedBytes, room: Int) -> Read {
        read(UnsafeBufferPointer(line.bytes), room: room)
    }

    private func read(_ line: [UInt8], room: Int) -> Read {
        line.withUnsafeBufferPointer { read($0, room: room) }
    }

    /// The nodes too end where a page ends.
    private func read(_ line: UnsafeBufferPointer<UInt8>, room: Int) -> Read {
        guard let place = try? GuardedBytes(count: room * MemoryLayout<JSONTape.Node>.stride) else {
            return Read(count: .min, nodes: [])
        }
        return place.bytes.withMemoryRebound(to: JSONTape.Node.self) { nodes in
            let count = Int(
                runner_read_json(line.baseAddress, Int64(line.count), nodes.baseAddress, Int64(nodes.count)))
            return Read(count: count, nodes: Array(nodes.prefix(max(count, 0))))
        }
    }
}
