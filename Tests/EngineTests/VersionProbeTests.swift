import Foundation
import Glibc
import Testing

@testable import Engine

@Suite struct VersionProbeTests {
    @Test("a program that hangs is ended at the limit with what it started, and one that answers is not")
    func limit() async throws {
        try await ScratchFolder.with { folder in
            let script = "#!/bin/sh\necho $$ > '\(folder.path)/pid'\nsleep 300 &\nwait\n"
            let slow = try folder.write("slow", script, mode: 0o755)
            let quick = try folder.write("quick", "#!/bin/sh\nsleep 0.2; echo 1.2; echo more\n", mode: 0o755)
            var probe = VersionProbe(environment: ["PATH": "\(folder.path):/usr/bin:/bin"])
            #expect(probe.limit == 20)
            probe.limit = 1
            let begin = ContinuousClock.now
            #expect(await probe.ask(["slow"]) == .failed("it did not tell its version within 1 s", path: slow))
            #expect(ContinuousClock.now - begin < .seconds(60))
            let text = try String(contentsOfFile: folder.path + "/pid", encoding: .utf8)
            let pid = try #require(pid_t(text.trimmingCharacters(in: .newlines)))
            #expect(kill(pid, 0) != 0)
            probe.limit = 60
            #expect(await probe.ask(["quick"]) == .version("1.2", path: quick))
        }
    }
}
