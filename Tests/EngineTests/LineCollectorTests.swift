import Synchronization
import Testing

@testable import Engine

@Suite struct LineCollectorTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private static func collect(_ chunks: [String]) -> (messages: String, progress: [String]) {
        let lines = Lines()
        let collector = LineCollector { line in lines.all.withLock { $0.append(line) } }
        for chunk in chunks { Array(chunk.utf8).withUnsafeBytes { collector.append($0) } }
        return (collector.finish(), lines.all.withLock { $0 })
    }

    @Test("progress is passed on and messages are kept, wherever the bytes are cut")
    func cuts() {
        let text = "Cloning…\nReceiving objects:  50% (1/2)\rReceiving objects: 100% (2/2), done.\r\n\nfatal: broken"
        let bytes = Array(text.utf8)
        for size in 1...bytes.count {
            let lines = Lines()
            let collector = LineCollector { line in lines.all.withLock { $0.append(line) } }
            for start in stride(from: 0, to: bytes.count, by: size) {
                bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { collector.append($0) }
            }
            #expect(collector.finish() == "Cloning…\nfatal: broken", "\(size)")
            #expect(
                lines.all.withLock { $0 }
                    == ["Receiving objects:  50% (1/2)", "Receiving objects: 100% (2/2), done."], "\(size)")
        }
    }

    @Test("a line and the number of lines are bounded")
    func bounds() {
        let long = Self.collect([String(repeating: "x", count: 1 << 20), "\nnext\n"])
        #expect(long.messages.utf8.count == 4096 + 1 + 4)
        let many = Self.collect(Array(repeating: "line\n", count: 10_000))
        #expect(many.messages.split(separator: "\n").count == 200)
    }

    @Test("the cause at the end of many lines is kept")
    func lastLine() {
        let many = Self.collect(Array(repeating: "remote: noise\n", count: 10_000) + ["fatal: the cause\n"])
        #expect(many.messages.hasSuffix("fatal: the cause"))
    }

    @Test("nothing at all, and bytes that are no text, do no harm")
    func odd() {
        #expect(Self.collect([]).messages.isEmpty)
        #expect(Self.collect(["\n\r\n\r\r"]).messages.isEmpty)
        let collector = LineCollector(progress: nil)
        [0xFF, 0xFE, 0x00, 0x41, 0x0A].withUnsafeBytes { collector.append($0) }
        Array("Receiving objects: 50% (1/2)\n".utf8).withUnsafeBytes { collector.append($0) }
        #expect(!collector.finish().contains("Receiving"))
    }
}
