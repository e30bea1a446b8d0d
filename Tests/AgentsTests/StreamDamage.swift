import TestSupport

/// One piece of damage to a stream of lines: cut, swapped, dropped, doubled, overwritten, or something put in.
enum StreamDamage {
    private static let garbage: [[UInt8]] = [
        [0], [0xFF, 0xFE, 0xC3], Array("null".utf8), Array("[]".utf8), Array("{}".utf8), Array("{\"type\":7}".utf8),
        Array("{\"type\":\"result\"}".utf8), Array("{\"type\":\"assistant\",\"message\":3}".utf8),
        Array("{\"type\":\"result\",\"is_error\":null,\"subtype\":\"success\"}".utf8),
        Array("{\"type\":\"user\",\"message\":{\"content\":[null,1,{\"type\":\"tool_result\"}]}}".utf8),
        Array("{\"type\":\"item.completed\",\"item\":[]}".utf8), Array("{\"kind\":\"ActionEvent\",\"action\":1}".utf8),
        Array("{\"kind\":\"ConversationErrorEvent\"}".utf8), Array("{\"type\":\"effect\",\"sessionId\":3}".utf8),
        Array("{\"type\":\"message\",\"role\":\"assistant\",\"content\":{}}".utf8),
        Array("{\"runner_report\":\"vibe-export\"}".utf8),
        Array("{\"runner_report\":\"mini-trajectory\",\"content\":{\"messages\":[1,{\"role\":null}]}}".utf8),
        Array("{\"runner_report\":\"openhands-state\",\"content\":{\"stats\":{\"usage_to_metrics\":[]}}}".utf8),
        Array("Tokens: 9e9k sent, x received.".utf8), Array("Applied edit to ".utf8), Array("litellm.Error".utf8),
        Array(repeating: UInt8(ascii: "["), count: 5000), Array(repeating: UInt8(ascii: "a"), count: 100_000),
    ]

    /// Does one kind of damage; `garbage` is what may come in between.
    static func apply(
        to lines: inout [[UInt8]], garbage: [[UInt8]] = StreamDamage.garbage, using generator: inout SeededGenerator
    ) {
        let extra = garbage[Int.random(in: 0..<garbage.count, using: &generator)]
        guard !lines.isEmpty else {
            lines.append(extra)
            return
        }
        let index = Int.random(in: 0..<lines.count, using: &generator)
        let other = Int.random(in: 0..<lines.count, using: &generator)
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: lines.remove(at: index)
        case 1: lines.swapAt(index, other)
        case 2: lines.insert(lines[index], at: other)
        case 3: lines.insert(extra, at: index)
        case 4: lines[index] = Array(lines[index].prefix(Int.random(in: 0...lines[index].count, using: &generator)))
        case 5 where !lines[index].isEmpty:
            for _ in 0..<5 {
                let position = Int.random(in: 0..<lines[index].count, using: &generator)
                lines[index][position] = UInt8.random(in: 0...255, using: &generator)
            }
        default: lines.removeSubrange(index...)
        }
    }
}
