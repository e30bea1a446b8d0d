import Engine
import Foundation
import Glibc
import Testing

/// What a command finds around it is what the spec says, and nothing else.
@Suite(.timeLimit(.minutes(2)))
struct CommandSurroundingsTests {
    @Test("The environment is exactly what was given, plus the marker")
    func environment() async throws {
        let fixture = try ShimFixture()
        var given = ["A": "1", "EMPTY": "", "QUOTE": "a \"b\" 'c' $d\n=e", "COMBINING": "\u{301}x", "PATH": "/bin"]
        var spec = fixture.spec("", environment: given)
        spec.arguments = ["/bin/cat", "/proc/self/environ"]
        _ = try await fixture.run(spec)
        given[AttemptSpec.markerName] = fixture.id
        let found = try fixture.bytes("stdout").split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        #expect(Set(found) == Set(given.map { "\($0)=\($1)" }))
        #expect(found.count == given.count)
    }

    @Test("Arguments arrive unchanged")
    func arguments() async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec("")
        spec.arguments = ["/bin/sh", "-c", "cat /proc/$$/cmdline; :", "", "a b", "\u{301}=é\n"]
        _ = try await fixture.run(spec)
        #expect(try fixture.bytes("stdout") == spec.arguments.flatMap { Array($0.utf8) + [0] })
    }

    @Test("No descriptor beyond 0, 1 and 2 reaches the command")
    func descriptors() async throws {
        // One that would be inherited by a careless start.
        let leak = open("/dev/null", O_RDONLY)
        defer { close(leak) }
        let fixture = try ShimFixture()
        _ = try await fixture.run(fixture.spec("ls /proc/$$/fd; :"))
        #expect(try fixture.text("stdout") == "0\n1\n2\n")
    }

    @Test("As many files may be open as the spec says, or as the shim may have; the command may raise it again")
    func openFiles() async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec("ulimit -Sn; ulimit -Hn; ulimit -Sn $(($(ulimit -Sn) + 1)) && ulimit -Sn")
        spec.openFiles = 99
        _ = try await fixture.run(spec)
        let lowered = try fixture.text("stdout").split(separator: "\n").map(String.init)
        let other = try ShimFixture()
        _ = try await other.run(other.spec("ulimit -Sn; ulimit -Hn"))
        let own = try other.text("stdout").split(separator: "\n").map(String.init)
        #expect(lowered == ["99", own[1], "100"] && own[0] != "99", "\(lowered) \(own)")
    }

    @Test("Signals are at their defaults and the command leads its own session")
    func signals() async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec("")
        spec.arguments = ["/bin/cat", "/proc/self/status", "/proc/self/stat"]
        _ = try await fixture.run(spec)
        let lines = try fixture.text("stdout").split(separator: "\n").map(String.init)
        for name in ["SigBlk", "SigIgn", "SigPnd", "ShdPnd"] {
            #expect(lines.contains("\(name):\t0000000000000000"))
        }
        let fields = try #require(lines.last).split(separator: " ")
        #expect(fields[0] == fields[4], "process group")
        #expect(fields[0] == fields[5], "session")
    }

    @Test("Input is the given file, or nothing")
    func input() async throws {
        let first = try ShimFixture()
        let file = first.root + "/input"
        try Data([0, 1, 2, 255]).write(to: URL(fileURLWithPath: file))
        var spec = first.spec("cat")
        spec.standardInput = file
        _ = try await first.run(spec)
        #expect(try first.bytes("stdout") == [0, 1, 2, 255])

        let second = try ShimFixture()
        let exit = try await second.run(second.spec("cat"))
        #expect(exit.exitCode == 0)
        #expect(exit.stdoutTotal == 0)
    }

    @Test("The command runs in the given folder, and the shim does not hold that folder")
    func folder() async throws {
        let fixture = try ShimFixture()
        let running = try fixture.launcher.launch(fixture.spec("pwd -P; sleep 60"), in: fixture.attempt)
        try await eventually("the command has printed") { (try? fixture.text("stdout").isEmpty) == false }
        #expect(try fixture.text("stdout").contains(URL(fileURLWithPath: fixture.root).lastPathComponent))
        let identity = try #require(try AttemptIdentity.read(from: fixture.attempt))
        let held = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(identity.shimPID)/cwd")
        #expect(held.hasSuffix("/attempt"))
        try running.cancel(hard: true)
        _ = try await running.waitForExit()
    }

    @Test("Secrets are in no file that outlives the start, in no argument list, and readable by the owner alone")
    func secrets() async throws {
        let fixture = try ShimFixture()
        let secret = "s3cr3t-\(UUID().uuidString)"
        let spec = fixture.spec("sleep 60", environment: ["TOKEN": secret, "PATH": "/usr/bin:/bin"])
        try spec.write(to: fixture.attempt)
        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.attempt + "/spec")
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        let folder = try FileManager.default.attributesOfItem(atPath: fixture.attempt)
        #expect((folder[.posixPermissions] as? NSNumber)?.intValue == 0o700)

        let running = try fixture.launcher.launch(in: fixture.attempt)
        try await eventually("the spec is gone") { !FileManager.default.fileExists(atPath: fixture.attempt + "/spec") }
        let identity = try #require(try AttemptIdentity.read(from: fixture.attempt))
        for pid in [identity.shimPID, identity.commandPID] {
            let arguments = try #require(FileManager.default.contents(atPath: "/proc/\(pid)/cmdline"))
            #expect(!String(decoding: arguments, as: UTF8.self).contains(secret))
        }
        let shim = try #require(FileManager.default.contents(atPath: "/proc/\(identity.shimPID)/environ"))
        #expect(shim.isEmpty)
        try running.cancel(hard: true)
        _ = try await running.waitForExit()
        for name in try FileManager.default.contentsOfDirectory(atPath: fixture.attempt) {
            #expect(try !fixture.text(name).contains(secret), "\(name)")
            let attributes = try FileManager.default.attributesOfItem(atPath: fixture.attempt + "/" + name)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(name)")
        }
    }
}
