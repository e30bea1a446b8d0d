import CPlatform
import Foundation
import Glibc
import Testing

@testable import Engine

@Suite struct RunnerHomeTests {
    @Test("RUNNER_HOME goes before the XDG folder, that before HOME; none of them is an error")
    func places() throws {
        var environment = ["RUNNER_HOME": "/r/../h", "XDG_STATE_HOME": "/x", "HOME": "/home/ann"]
        #expect(try RunnerHome(environment: environment).root == "/h")
        environment["RUNNER_HOME"] = ""
        #expect(try RunnerHome(environment: environment).root == "/x/runner")
        environment["XDG_STATE_HOME"] = "relative"
        #expect(try RunnerHome(environment: environment).root == "/home/ann/.local/state/runner")
        environment["HOME"] = nil
        let error = #expect(throws: EngineError.self) { try RunnerHome(environment: environment) }
        #expect(error?.code == .homeUnusable)
    }

    @Test("a relative path is taken from the working directory, and no character is changed")
    func absolute() {
        let here = FileManager.default.currentDirectoryPath
        #expect(RunnerHome.absolute("a/./b/../c") == (here == "/" ? "" : here) + "/a/c")
        for path in ["/a%20b/#c/?d", "/ä/a\u{0308}", "/a b/~/c", "/a\\b", "/-x:y"] {
            #expect(Array(RunnerHome.absolute(path).utf8) == Array(path.utf8), "\(path)")
        }
        #expect(RunnerHome.absolute("/a/../../..") == "/")
        #expect(RunnerHome.absolute("/a//b/") == "/a/b")
    }

    @Test("the folders are made for their owner alone, twice without complaint, and the real path comes back")
    func prepare() async throws {
        try await ScratchFolder.with { folder in
            try folder.makeFolder("real")
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/link", withDestinationPath: folder.path + "/real")
            for _ in 0..<2 {
                let home = try RunnerHome(root: folder.path + "/link/deep/home").prepare()
                #expect(home.root == folder.path + "/real/deep/home")
                for path in [home.hubs, home.worktrees, home.attempts, home.trash] {
                    var facts = stat()
                    #expect(stat(path, &facts) == 0 && facts.st_mode & 0o7777 == 0o700, "\(path)")
                }
                var facts = stat()
                #expect(stat(home.root, &facts) == 0 && facts.st_mode & 0o066 == 0)
            }
        }
    }

    @Test("a line break in RUNNER_HOME, and a file in its place, are told as that")
    func odd() async throws {
        let error = #expect(throws: EngineError.self) { try RunnerHome(environment: ["RUNNER_HOME": "/a\nb"]) }
        #expect(error?.code == .homeUnusable && error?.message.contains("control character") == true)
        #expect(try RunnerHome(environment: ["RUNNER_HOME": "/a b\u{0308}"]).root == "/a b\u{0308}")
        try await ScratchFolder.with { folder in
            let file = try folder.write("file", "text")
            let error = #expect(throws: EngineError.self) { try RunnerHome(root: file).prepare() }
            #expect(error?.message == "the data folder \"\(file)\" cannot be used (not a directory)")
        }
    }

    @Test("a place where nothing can be made is an error with its path and what to do", arguments: [false, true])
    func unusable(inProc: Bool) async throws {
        try await ScratchFolder.with { folder in
            let file = try folder.write("file", "text")
            let root = inProc ? "/proc/self/runner-home" : file + "/home"
            let error = try #require(#expect(throws: EngineError.self) { try RunnerHome(root: root).prepare() })
            #expect(error.code == .homeUnusable)
            #expect(error.message.contains(root) && error.hint?.contains("RUNNER_HOME") == true)
            #expect(!error.message.contains("(success)"), "\(error.message)")
        }
    }

    @Test("a home that is a file is an error", arguments: [mode_t(0o600), 0o700])
    func file(mode: mode_t) async throws {
        try await ScratchFolder.with { folder in
            let file = try folder.write("file", "text", mode: mode)
            let error = #expect(throws: EngineError.self) { try RunnerHome(root: file).prepare() }
            #expect(error?.code == .homeUnusable)
        }
    }

    @Test("a folder of another that may not be written is an error", .enabled(if: geteuid() != 0))
    func readOnly() async throws {
        try await ScratchFolder.with { folder in
            let path = try folder.makeFolder("closed")
            chmod(path, 0o500)
            for root in [path, path + "/home"] {
                let error = #expect(throws: EngineError.self) { try RunnerHome(root: root).prepare() }
                #expect(error?.code == .homeUnusable)
                #expect(error?.message.contains("permission denied") == true, "\(error?.message ?? "")")
            }
        }
    }
}
