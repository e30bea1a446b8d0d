import Testing

@testable import StepShim

/// The specification as the shim reads it.
struct CommandSpecTests {
    private func parse(_ records: [String]) throws -> CommandSpec {
        let all = ["runner-shim-spec 1", "arg=/bin/true", "env=RUNNER_ATTEMPT=x", "cwd=/"] + records + ["end"]
        return try CommandSpec(parsing: all.flatMap { Array($0.utf8) + [0] })
    }

    @Test("Absent records mean no limits and no input")
    func defaults() throws {
        let spec = try parse([])
        #expect(spec.standardInput == "/dev/null")
        #expect(spec.wallTimeout == nil)
        #expect(spec.idleTimeout == nil)
        #expect(spec.outputCap == .max)
        #expect(spec.stopStages.isEmpty)
        #expect(!spec.mergesStandardError)
        #expect(spec.marker == "RUNNER_ATTEMPT=x")
    }

    @Test("Values are taken to the byte, also when they begin with a combining mark or hold line ends")
    func bytes() throws {
        let spec = try parse(["arg=\u{301}a=b\r\n", "arg=", "env=PATH=\u{301}"])
        #expect(spec.arguments.map { Array($0.utf8) } == [Array("/bin/true".utf8), Array("\u{301}a=b\r\n".utf8), []])
        #expect(spec.environment.last.map { Array($0.utf8) } == Array("PATH=\u{301}".utf8))
    }

    @Test("Stop stages keep their order")
    func stages() throws {
        let spec = try parse(["stop=2:process:5000", "stop=15:group:10000"])
        #expect(spec.stopStages.map(\.signal) == [2, 15])
        #expect(spec.stopStages.map(\.wholeGroup) == [false, true])
        #expect(spec.stopStages.map(\.wait) == [5000, 10000])
    }

    @Test(
        "A record that cannot be understood is refused",
        arguments: [
            "wall=-1", "files=many", "wall=soon", "cap=", "stop=2", "stop=0:group:1", "stop=2:all:1", "stop=2:group:-1",
            "stop=99:group:1", "novalue", "other=1", "wall=99999999999999999999",
        ])
    func refused(record: String) {
        #expect(throws: ShimFailure.self) { try parse([record]) }
    }
}
