import Foundation
import Subprocess
import Synchronization
import SystemPackage
import Testing

@testable import Engine

@Suite struct GitCommandTests {
    private final class Seen: Sendable {
        let lines = Mutex<[String]>([])
    }

    /// A `git` that prints its arguments, its environment and its input.
    private static let script = """
        #!/bin/sh
        for argument in "$@"; do echo "arg $argument"; done
        env | sed 's/^/env /'
        echo "input $(cat)"
        """

    private static func run(
        _ environment: [String: String] = [:], transports: String = "https", arguments: [String] = ["fetch"],
        script: String = GitCommandTests.script, input: [UInt8]? = nil
    ) async throws -> (output: GitCommand.Output, lines: [String]) {
        try await ScratchFolder.with { folder in
            try await place(script, in: folder)
            let command = GitCommand(
                transports: transports,
                environment: ["PATH": folder.path + ":/usr/bin:/bin"].merging(environment) { $1 })
            let output = try await command.run(arguments, in: folder.path, input: input)
            return (output, output.standardOutput.split(separator: "\n").map(String.init))
        }
    }

    /// Writes the program by another process: a child that some other test forks just then would inherit our
    /// descriptor, and a program that is open for writing cannot be executed (ETXTBSY).
    private static func place(_ script: String, in folder: ScratchFolder) async throws {
        try folder.write("text", script)
        let copy = "cp \"$1/text\" \"$1/git\" && chmod 755 \"$1/git\""
        _ = try await Subprocess.run(
            .path("/bin/sh"), arguments: ["-c", copy, "sh", folder.path], output: .discarded)
    }

    private static func variables(_ lines: [String]) -> [String: String] {
        let pairs = lines.filter { $0.hasPrefix("env ") }.map {
            $0.dropFirst(4).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        }
        return Dictionary(pairs.map { (String($0[0]), $0.count > 1 ? String($0[1]) : "") }) { $1 }
    }

    @Test("nothing in the environment leads git to another repository, configuration, hook or transport")
    func environment() async throws {
        let hostile = [
            "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
            "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_CEILING_DIRECTORIES", "GIT_CONFIG", "GIT_CONFIG_COUNT",
            "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_SYSTEM", "GIT_TEMPLATE_DIR",
            "GIT_PROXY_COMMAND", "GIT_EXTERNAL_DIFF", "GIT_EDITOR", "GIT_PAGER", "GIT_PROTOCOL_FROM_USER",
            "GIT_SHALLOW_FILE", "GIT_REPLACE_REF_BASE", "GIT_QUARANTINE_PATH", "GIT_PREFIX",
        ]
        let values = Dictionary(uniqueKeysWithValues: hostile.map { ($0, "/evil") })
        let (_, lines) = try await Self.run(
            values.merging(["GIT_ALLOW_PROTOCOL": "ext:file", "GIT_TERMINAL_PROMPT": "1", "LC_ALL": "de_DE"]) { $1 },
            transports: "https:ssh")
        let seen = Self.variables(lines)
        #expect(hostile.filter { seen[$0] != nil }.isEmpty)
        #expect(seen["GIT_ALLOW_PROTOCOL"] == "https:ssh")
        #expect(seen["GIT_TERMINAL_PROMPT"] == "0" && seen["GCM_INTERACTIVE"] == "never")
        #expect(seen["LC_ALL"] == "C.UTF-8")
    }

    @Test("the runner's own variables, a database password among them, do not reach git or its helpers")
    func ownSecrets() async throws {
        let (output, _) = try await Self.run(["RUNNER_DATABASE_URL": "postgres://ann:hunter2secret@db/x"])
        #expect(!output.standardOutput.contains("RUNNER_") && !output.standardOutput.contains("hunter2secret"))
    }

    @Test("a person's SSH, proxy and credential settings reach git; SSH never waits for an answer by default")
    func own() async throws {
        let own = [
            "HOME": "/home/ann", "SSH_AUTH_SOCK": "/run/agent", "https_proxy": "http://proxy:1", "GIT_SSH": "/bin/ssh2",
            "GIT_ASKPASS": "/bin/ask", "GIT_CONFIG_GLOBAL": "/home/ann/config",
        ]
        let seen = Self.variables(try await Self.run(own).lines)
        for (name, value) in own { #expect(seen[name] == value, "\(name)") }
        #expect(seen["GIT_SSH_COMMAND"] == nil)
        let plain = Self.variables(try await Self.run().lines)
        #expect(plain["GIT_SSH_COMMAND"] == "ssh -o BatchMode=yes")
        let command = Self.variables(try await Self.run(["GIT_SSH_COMMAND": "ssh -i key"]).lines)
        #expect(command["GIT_SSH_COMMAND"] == "ssh -i key")
    }

    @Test("hooks, redirects, the ext transport and automatic maintenance are off before the command's own arguments")
    func arguments() async throws {
        let lines = try await Self.run(arguments: ["fetch", "--", "-x", "a b"]).lines
        let seen = lines.filter { $0.hasPrefix("arg ") }.map { String($0.dropFirst(4)) }
        #expect(seen.first == "-C" && seen.suffix(4) == ["fetch", "--", "-x", "a b"])
        let settings = Set(seen.indices.filter { $0 > 0 && seen[$0 - 1] == "-c" }.map { seen[$0] })
        #expect(
            settings.isSuperset(of: [
                "core.hooksPath=/dev/null", "http.followRedirects=false", "protocol.ext.allow=never", "gc.auto=0",
                "maintenance.auto=false",
            ]))
    }

    @Test("input arrives, and without any git reads the end of its input at once")
    func input() async throws {
        #expect(try await Self.run(input: Array("hello".utf8)).lines.last == "input hello")
        #expect(try await Self.run().lines.last == "input ")
    }

    @Test("exit status and signal are told, messages lose credentials")
    func ends() async throws {
        let failed = try await Self.run(
            script: "#!/bin/sh\necho 'fatal: https://ann:hunter2secret@example.org/x not found' >&2\nexit 128\n"
        ).output
        #expect(failed.status == 128)
        #expect(failed.messages.contains("fatal:") && !failed.messages.contains("hunter2secret"))
        #expect(try await Self.run(script: "#!/bin/sh\nkill -9 $$\n").output.status == 137)
    }

    @Test("progress is passed on while messages are kept")
    func progress() async throws {
        try await ScratchFolder.with { folder in
            let script = "#!/bin/sh\nprintf 'note\\nReceiving objects:  50%% (1/2)\\r\\n' >&2\n"
            try await Self.place(script, in: folder)
            let seen = Seen()
            let command = GitCommand(transports: "https", environment: ["PATH": folder.path + ":/usr/bin:/bin"])
            let output = try await command.run(["fetch"], in: folder.path) { line in
                seen.lines.withLock { $0.append(line) }
            }
            #expect(seen.lines.withLock { $0 } == ["Receiving objects:  50% (1/2)"])
            #expect(output.messages == "note")
        }
    }

    @Test("without git on PATH the error says how to get it")
    func missing() async throws {
        let command = GitCommand(transports: "https", environment: ["PATH": "/nonexistent"])
        let error = await #expect(throws: EngineError.self) { _ = try await command.run(["version"], in: "/") }
        #expect(error?.code == .programMissing && error?.hint?.contains("install") == true)
    }
}
