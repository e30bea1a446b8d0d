import Foundation
import Glibc
import Subprocess
import SystemPackage
import Testing

/// The built `runner` in an empty home with a database of its own, all gone afterwards.
struct RunnerFixture: Sendable {
    struct Output: Sendable {
        let status: Int
        let out: String
        let err: String

        func json<T: Decodable>(_ type: T.Type = T.self) throws -> T {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(type, from: Data(out.utf8))
        }
    }

    /// A scratch folder; `home` and repositories are in it.
    let root: String
    var variables: [String: String]

    var home: String { root + "/home/state" }

    /// Runs `body` with a fresh fixture; stops the database and removes everything afterwards, whatever happened.
    static func with(
        _ variables: [String: String] = [:], _ body: (RunnerFixture) async throws -> Void
    ) async throws {
        var template = Array("/tmp/runner-e2e.XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        let root = String(cString: made)
        // Root's database runs as another user, whose data has to be reached below this folder to go with it.
        chmod(root, 0o711)
        try FileManager.default.createDirectory(atPath: root + "/home", withIntermediateDirectories: true)
        var all = [
            "HOME": root + "/home", "RUNNER_HOME": root + "/home/state", "RUNNER_STORAGE": "memory",
            "PATH": root + "/bin:" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"), "USER": "tester",
            "GIT_CONFIG_NOSYSTEM": "1", "LANG": "C.UTF-8",
        ]
        all.merge(variables) { $1 }
        let fixture = RunnerFixture(root: root, variables: all)
        do {
            try await body(fixture)
        } catch {
            await fixture.tearDown()
            throw error
        }
        await fixture.tearDown()
    }

    private func tearDown() async {
        await endDaemons()
        _ = try? await runner("db", "stop", "--quiet", "--force")
        _ = try? await run("/bin/chmod", ["-R", "u+rwX", root])
        try? FileManager.default.removeItem(atPath: root)
    }

    /// Kills every daemon and guard of this fixture: one that dies alone would be replaced.
    func endDaemons() async {
        for _ in 0..<50 {
            let found = processIDs { $0.contains("--guard") || $0.contains(" serve") }
            if found.isEmpty { return }
            for pid in found { kill(pid, SIGKILL) }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The folder with the programs under test: beside the test bundle.
    static let build: String = {
        let path = realpath("/proc/self/exe", nil).map { String(cString: $0) } ?? ""
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? path
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().path
    }()

    @discardableResult
    func runner(_ arguments: String..., input: String = "", extra: [String: String] = [:]) async throws -> Output {
        try await run(RunnerFixture.build + "/runner", arguments, input: input, extra: extra)
    }

    @discardableResult
    func run(
        _ program: String, _ arguments: [String], in directory: String? = nil, input: String = "",
        extra: [String: String] = [:]
    ) async throws -> Output {
        var environment: [Subprocess.Environment.Key: String] = [:]
        for (name, value) in variables.merging(extra, uniquingKeysWith: { $1 }) {
            environment[try #require(Subprocess.Environment.Key(rawValue: name))] = value
        }
        let result = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments), environment: .custom(environment),
            workingDirectory: FilePath(directory ?? root), input: .string(input), output: .bytes(limit: 64 << 20),
            error: .bytes(limit: 64 << 20))
        let status: Int =
            switch result.terminationStatus {
            case .exited(let code): Int(code)
            case .signaled(let signal): 128 + Int(signal)
            }
        return Output(
            status: status, out: String(decoding: result.standardOutput, as: UTF8.self),
            err: String(decoding: result.standardError, as: UTF8.self))
    }

    /// Runs git and expects success; returns its output without the last line end.
    @discardableResult
    func git(_ arguments: String..., in directory: String) async throws -> String {
        let identity = ["-c", "user.name=Tester", "-c", "user.email=tester@localhost", "-c", "init.defaultBranch=main"]
        let output = try await run("/usr/bin/git", identity + arguments, in: directory)
        try #require(output.status == 0, "git \(arguments): \(output.err)")
        return output.out.trimmingCharacters(in: .newlines)
    }

    /// A repository with a few files and one commit on `main`.
    func makeRepository(_ name: String = "project", files: [String: String] = ["README.md": "hello\n"]) async throws
        -> String
    {
        let path = "\(root)/\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try await git("init", "-q", in: path)
        for (file, text) in files { try write(text, to: "\(path)/\(file)") }
        try await git("add", "-A", in: path)
        try await git("commit", "-q", "-m", "first", in: path)
        return path
    }

    func write(_ text: String, to path: String, mode: Int = 0o644) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// Waits until `condition` holds, at most two minutes.
    func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < end {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("did not happen within 120 s: \(what)")
    }

    /// Every path under `folder` with mode and content, to compare trees.
    func manifest(_ folder: String) async throws -> String {
        let script = """
            find . -mindepth 1 -path ./.git -prune -o -printf '%P %y %m %l\\n' | sort
            find . -path ./.git -prune -o -type f -print0 | sort -z | xargs -0 -r sha1sum
            """
        return try await run("/bin/bash", ["-c", script], in: folder).out
    }

    /// Processes whose environment holds this fixture's root: whatever was started on its behalf.
    func processes() -> [String] { commandLines().map(\.line) }

    /// The numbers of those whose command line is as asked.
    func processIDs(where condition: (String) -> Bool) -> [pid_t] {
        commandLines().filter { condition($0.line) }.map(\.pid)
    }

    private func commandLines() -> [(pid: pid_t, line: String)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { name in
            guard let pid = Int32(name), pid != getpid(),
                let block = FileManager.default.contents(atPath: "/proc/\(name)/environ"),
                block.range(of: Data(root.utf8)) != nil,
                let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline")
            else { return nil }
            return (pid, String(decoding: line.map { $0 == 0 ? 32 : $0 }, as: UTF8.self))
        }
    }
}
