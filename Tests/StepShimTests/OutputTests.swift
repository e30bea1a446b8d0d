import Engine
import Foundation
import Glibc
import Testing

/// Output is kept to the byte, within its cap, and never blocks the command.
@Suite(.timeLimit(.minutes(2)))
struct OutputTests {
    @Test("Binary output without a final newline is kept to the byte, each stream in its file")
    func binary() async throws {
        let fixture = try ShimFixture()
        let source = Data((0..<100_003).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ ($0 >> 8)) })
        try source.write(to: URL(fileURLWithPath: fixture.root + "/source"))
        let exit = try await fixture.run(fixture.spec("cat source; printf 'x\\000y' >&2"))
        #expect(try fixture.bytes("stdout") == Array(source))
        #expect(try fixture.bytes("stderr") == [0x78, 0, 0x79])
        #expect(exit.stdoutBytes == source.count)
        #expect(exit.stdoutTotal == source.count)
        #expect(exit.stderrTotal == 3)
        #expect(!exit.isTruncated)
    }

    @Test("Merged streams keep the order in which they were written")
    func merged() async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec("for i in 1 2 3 4 5 6 7 8 9; do echo o$i; echo e$i >&2; done")
        spec.mergesStandardError = true
        let exit = try await fixture.run(spec)
        #expect(try fixture.text("stdout") == (1...9).map { "o\($0)\ne\($0)\n" }.joined())
        #expect(!FileManager.default.fileExists(atPath: fixture.attempt + "/stderr"))
        #expect(exit.stdoutTotal == 54)
    }

    @Test("Beyond the cap output is read and counted but not kept", arguments: [0, 1, 65536, 100_000])
    func cap(cap: Int) async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec("head -c 1000000 /dev/zero | tr '\\000' a; echo done >&2")
        spec.outputCap = cap
        let exit = try await fixture.run(spec)
        #expect(exit.exitCode == 0)
        #expect(exit.stdoutBytes == cap)
        #expect(exit.stdoutTotal == 1_000_000)
        #expect(exit.isTruncated)
        #expect(try fixture.bytes("stdout").count == cap)
    }

    @Test("When the disk takes no more, the command goes on, all is counted, and the outcome is recorded")
    func diskFull() async throws {
        let fixture = try ShimFixture()
        try fixture.spec("head -c 300000 /dev/zero; exit 4").write(to: fixture.attempt)
        // A file size limit stands in for a full disk: it needs no mount, and the shim meets it in the same place.
        let script = "ulimit -f 128; exec '\(fixture.launcher.program)' '\(fixture.attempt)'"
        #expect(try shell(script) == 0)
        let exit = try #require(try AttemptExit.read(from: fixture.attempt))
        #expect(exit.reason == .exited)
        #expect(exit.exitCode == 4)
        #expect(exit.stdoutTotal == 300_000)
        #expect(exit.stdoutBytes < 300_000)
        #expect(exit.stdoutBytes == (try fixture.bytes("stdout").count))
        #expect(exit.outputError == String(cString: strerror(EFBIG)))
    }

    @Test("A reader of the bell that never reads holds nothing up")
    func deafWorker() async throws {
        let fixture = try ShimFixture()
        try fixture.spec("i=0; while [ $i -lt 300 ]; do echo line; i=$((i+1)); done; head -c 9000000 /dev/zero")
            .write(to: fixture.attempt)
        let deaf = "while [ ! -e '\(fixture.attempt)/exit' ]; do sleep 0.02; done"
        #expect(try shell("'\(fixture.launcher.program)' '\(fixture.attempt)' | { \(deaf); }") == 0)
        let exit = try #require(try AttemptExit.read(from: fixture.attempt))
        #expect(exit.stdoutTotal == 9_001_500)
    }

    @Test("A reader that follows the wake-ups gets every byte, once")
    func follow() async throws {
        let fixture = try ShimFixture()
        let script = "i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); [ $((i % 50)) = 0 ] && sleep 0.05; done"
        let running = try fixture.launcher.launch(fixture.spec(script), in: fixture.attempt)
        var reader = OutputReader(directory: fixture.attempt)
        var found: [UInt8] = []
        var wakeUps = 0
        for await _ in running.outputGrew {
            wakeUps += 1
            found += try reader.readNew(max: 100)
        }
        while case let more = try reader.readNew(max: 1000), !more.isEmpty { found += more }
        let exit = try await running.waitForExit()
        #expect(String(decoding: found, as: UTF8.self) == (0..<200).map { "line \($0)\n" }.joined())
        #expect(reader.offset == exit.stdoutTotal)
        #expect(wakeUps > 1)
    }

    @Test("What a grandchild still holds open does not keep the attempt open")
    func heldPipe() async throws {
        let fixture = try ShimFixture()
        let start = ContinuousClock.now
        let exit = try await fixture.run(fixture.spec("sleep 300 & echo over"))
        #expect(try fixture.text("stdout") == "over\n")
        #expect(exit.exitCode == 0)
        #expect(exit.survivorsKilled == 1)
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(fixture.markedProcesses().isEmpty)
    }

    @Test("Output of a helper that ends just after the command is still read")
    func lateOutput() async throws {
        let fixture = try ShimFixture()
        let exit = try await fixture.run(fixture.spec("{ sleep 0.1; echo late; } & echo early"))
        #expect(try fixture.text("stdout") == "early\nlate\n")
        #expect(exit.survivorsKilled == 0)
    }

    /// Runs `script` and returns its exit status.
    private func shell(_ script: String) throws -> Int32 {
        let words = ["/bin/sh", "-c", script]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/bin:/bin"), nil]
        defer { free(environment[0]) }
        var pid: pid_t = 0
        try #require(posix_spawn(&pid, "/bin/sh", nil, nil, &arguments, &environment) == 0)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return (status >> 8) & 0xff
    }
}
