import Foundation
import Glibc
import Testing

@testable import Engine

/// Of a long output the beginning and the end are kept, and nobody takes a hole for output.
@Suite(.timeLimit(.minutes(5)))
struct OutputGapTests {
    /// Line `n` is `n` in 7 digits and a line end, so that each byte says where it belongs.
    private static let script = "seq -f %07.0f 0 999999; echo the reason >&2; exit 3"
    private static let total = 8_000_000

    private static func expected(_ range: Range<Int>) -> [UInt8] {
        range.map { position in
            let digits = Array(String(format: "%07d\n", position / 8).utf8)
            return digits[position % 8]
        }
    }

    @Test("The beginning and the end of a long stream are kept within the cap, to the byte")
    func headAndTail() async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec(OutputGapTests.script)
        spec.outputCap = 1 << 20
        let exit = try await fixture.run(spec)
        #expect(exit.exitCode == 3)
        #expect(exit.stdoutTotal == OutputGapTests.total)
        #expect(exit.stdoutBytes <= 1 << 20)
        #expect(exit.stdoutBytes >= (1 << 19) + (1 << 19) * 3 / 4)
        let reader = OutputReader(directory: fixture.attempt)
        let kept = try reader.kept()
        #expect(kept.count == 2)
        #expect(kept.first == 0..<(1 << 19))
        #expect(kept.last?.upperBound == OutputGapTests.total)
        #expect(kept.reduce(0) { $0 + $1.count } == exit.stdoutBytes)
        for stretch in kept {
            var found: [UInt8] = []
            var reader = OutputReader(directory: fixture.attempt, offset: stretch.lowerBound)
            while reader.offset < stretch.upperBound { found += try reader.readNew(max: 10_000) }
            #expect(found == OutputGapTests.expected(stretch))
        }
        // The disk has what was kept and not the rest.
        var info = stat()
        #expect(stat(fixture.attempt + "/stdout", &info) == 0)
        #expect(info.st_blocks * 512 <= (1 << 20) + 65536)
        #expect(try fixture.text("stderr") == "the reason\n")
    }

    @Test("A reader that comes too late is led over the gap, told how much it missed, and never sees a hole")
    func reader() async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec("i=0; while [ $i -lt 20 ]; do seq -f %07.0f 0 99999; i=$((i+1)); done")
        spec.outputCap = 1 << 20
        let running = try fixture.launcher.launch(spec, in: fixture.attempt)
        var reader = OutputReader(directory: fixture.attempt)
        var read = 0
        for await _ in running.outputGrew {
            for _ in 0..<3 {
                let bytes = try reader.readNew(max: 100_000)
                #expect(!bytes.contains(0))
                read += bytes.count
            }
        }
        while case let bytes = try reader.readNew(max: 100_000), !bytes.isEmpty {
            #expect(!bytes.contains(0))
            read += bytes.count
        }
        let exit = try await running.waitForExit()
        #expect(exit.stdoutTotal == 16_000_000)
        #expect(reader.offset == 16_000_000)
        #expect(read + reader.missed == 16_000_000)
    }

    @Test("The control: read without the gap file, the middle of a long stream is a hole")
    func control() async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec(OutputGapTests.script)
        spec.outputCap = 1 << 20
        _ = try await fixture.run(spec)
        try FileManager.default.removeItem(atPath: fixture.attempt + "/stdout.gap")
        var reader = OutputReader(directory: fixture.attempt, offset: 2_000_000)
        #expect(try reader.readNew(max: 1000).allSatisfy { $0 == 0 })
        #expect(reader.missed == 0)
    }

    @Test("A shim that is killed during a flood leaves a record that counts what is there")
    func lost() async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec("echo $$ > ready; yes")
        spec.outputCap = 1 << 20
        let running = try fixture.launcher.launch(spec, in: fixture.attempt)
        _ = try await fixture.pid("ready")
        try await eventually("there is a gap") { try OutputReader(directory: fixture.attempt).kept().count == 2 }
        kill(try #require(try AttemptIdentity.read(from: fixture.attempt)).shimPID, SIGKILL)
        let exit = try await running.waitForExit()
        #expect(exit.reason == .lost)
        let kept = try OutputReader(directory: fixture.attempt).kept()
        #expect(exit.stdoutBytes == kept.reduce(0) { $0 + $1.count })
        #expect(exit.stdoutTotal == kept.last?.upperBound)
    }

    @Test(
        "The shim's memory does not grow with a flood or with one huge line",
        arguments: ["yes", "tr '\\000' a < /dev/zero"])
    func memory(source: String) async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec(
            "echo $$ > ready; while [ ! -e go ]; do sleep 0.02; done; \(source) | head -c 300000000")
        spec.outputCap = 4 << 20
        let running = try fixture.launcher.launch(spec, in: fixture.attempt)
        _ = try await fixture.pid("ready")
        let shim = try #require(try AttemptIdentity.read(from: fixture.attempt)).shimPID
        let before = OutputGapTests.peak(of: shim) ?? 0
        try Data().write(to: URL(fileURLWithPath: fixture.root + "/go"))
        var most = before
        for await _ in running.outputGrew { most = max(most, OutputGapTests.peak(of: shim) ?? 0) }
        let exit = try await running.waitForExit()
        #expect(exit.stdoutTotal == 300_000_000)
        #expect(before > 0)
        #expect(most - before < 32 << 10)
    }

    /// The largest resident size so far, in KiB.
    private static func peak(of pid: Int32) -> Int? {
        let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") }
    }
}
