import Agents
import Foundation

/// What decoding a stream costs, beside cutting the same bytes into lines: both in turn, in pieces of 64 KiB.
struct DecodingCost: Encodable {
    private static let rounds = 7
    private static let piece = 64 << 10

    let bytes: Int
    let lines: Int
    let events: Int
    /// Medians.
    let splitSeconds: Double
    let decodeSeconds: Double
    /// Decoding to splitting.
    let ratio: Double
    let megabytesPerSecond: Double

    init(of adapter: any AgentAdapter, on input: Data) {
        var counted = (lines: 0, events: 0)
        var times: (split: [Double], decode: [Double]) = ([], [])
        for _ in 0..<Self.rounds {
            times.split.append(
                Self.seconds {
                    var counter = LineCounter()
                    Self.pieces(of: input) { counter.feed($0) }
                    counted.lines = counter.lines
                })
            times.decode.append(
                Self.seconds {
                    var decoder = adapter.makeDecoder()
                    var events = 0
                    let now = Date()
                    Self.pieces(of: input) { events += decoder.feed($0, from: .stdout, at: now).count }
                    counted.events = events + decoder.endOfOutput(at: now).count
                })
        }
        bytes = input.count
        (lines, events) = counted
        splitSeconds = times.split.sorted()[Self.rounds / 2]
        decodeSeconds = times.decode.sorted()[Self.rounds / 2]
        ratio = splitSeconds > 0 ? decodeSeconds / splitSeconds : 0
        megabytesPerSecond = decodeSeconds > 0 ? Double(input.count) / 1e6 / decodeSeconds : 0
    }

    var text: String {
        let numbers = [bytes, lines, events].map(String.init)
        let figures = [splitSeconds * 1000, decodeSeconds * 1000, ratio, megabytesPerSecond, 5000 / megabytesPerSecond]
            .map { $0.formatted(.number.precision(.fractionLength(2)).grouping(.never)) }
        return """
            stream      \(numbers[0]) bytes, \(numbers[1]) lines, \(numbers[2]) events
            splitting   \(figures[0]) ms
            decoding    \(figures[1]) ms, \(figures[3]) MB/s, \(figures[4]) % of a core at 50 MB/s
            ratio       \(figures[2])

            """
    }

    private static func pieces(of input: Data, _ body: (UnsafeRawBufferPointer) -> Void) {
        input.withUnsafeBytes { bytes in
            var start = 0
            while start < bytes.count {
                let end = min(start + piece, bytes.count)
                body(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                start = end
            }
        }
    }

    private static func seconds(_ body: () -> Void) -> Double {
        let elapsed = ContinuousClock().measure(body)
        return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }
}
