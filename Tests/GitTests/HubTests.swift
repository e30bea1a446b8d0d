import CPlatform
import Foundation
import Testing

@testable import Git

@Suite struct HubTests {
    @Test("a new hub is private, bare, ours to the byte, and has no hooks")
    func create() async throws {
        try await GitFixture.with { fixture, _ in
            var status = stat()
            #expect(lstat(fixture.hub.path, &status) == 0 && status.st_mode & 0o7777 == 0o700)
            #expect(Directory.read(fixture.hub.path + "/config") == Array(Hub.configuration.utf8))
            #expect(
                try await fixture.git("config", "remote.origin.fetch", in: fixture.hub.path)
                    == "+refs/heads/*:refs/remotes/origin/*\n")
            let hooks = (try? FileManager.default.contentsOfDirectory(atPath: fixture.hub.path + "/hooks")) ?? []
            #expect(hooks.isEmpty)
            try await fixture.fsck()
        }
    }

    @Test("a hub is not made where something is")
    func occupied() async throws {
        try await GitFixture.with { fixture, _ in
            let error = #expect(throws: GitError.self) { try Hub.create(at: fixture.hub.path) }
            #expect(error?.code == .exists)
            #expect(fixture.exists(fixture.hub.path + "/config"))
        }
    }

    @Test(
        "what a step took from its owner is given back, and objects stay as git keeps them",
        arguments: ["a-w", "000"], [".", "worktrees/one"])
    func access(mode: String, part: String) async throws {
        try await GitFixture.with { fixture, base in
            let tip = try fixture.taskCommit(base: base)
            #expect(!fixture.hub.repairAccess())
            try Process.run(
                URL(fileURLWithPath: "/bin/chmod"), arguments: ["-R", mode, "\(fixture.hub.path)/\(part)"]
            ).waitUntilExit()
            #expect(fixture.hub.repairAccess() && !fixture.hub.repairAccess())
            var status = stat()
            for path in ["", "/refs/heads", "/objects/" + tip.hex.prefix(2), "/worktrees/one"] {
                #expect(lstat(fixture.hub.path + path, &status) == 0 && status.st_mode & 0o700 == 0o700, "\(path)")
            }
            let head = fixture.hub.path + "/worktrees/one/HEAD"
            #expect(lstat(head, &status) == 0 && status.st_mode & 0o600 == 0o600)
            let object = "\(fixture.hub.path)/objects/\(tip.hex.prefix(2))/\(tip.hex.dropFirst(2))"
            #expect(lstat(object, &status) == 0 && status.st_mode & 0o600 == 0o400)
        }
    }

    @Test("nothing above a path is taken for a hub")
    func noSearch() async throws {
        try await GitFixture.with { fixture, _ in
            let inside = fixture.origin + "/dir"
            let error = #expect(throws: GitError.self) { _ = try Hub(path: inside).open().gitDirectory }
            #expect(error?.code == .notFound)
        }
    }

    @Test("configuration in the hub, included files too, changes nothing that the runner does")
    func foreignConfiguration() async throws {
        try await GitFixture.with(files: ["a.txt": "one\n"]) { fixture, base in
            let worktree = try fixture.add(base: base)
            try fixture.write("[core]\n\tautocrlf = true\n\tfileMode = false\n", fixture.root + "/evil.config")
            for (key, value) in [
                ("include.path", fixture.root + "/evil.config"), ("core.worktree", fixture.root + "/elsewhere"),
                ("core.hooksPath", fixture.root + "/evil-hooks"), ("core.fsmonitor", "touch \(fixture.root)/executed"),
                ("extensions.worktreeConfig", "true"),
            ] {
                try await fixture.git("config", "-f", fixture.hub.path + "/config", key, value, in: fixture.root)
            }
            try fixture.write("#!/bin/sh\ntouch \(fixture.root)/executed\n", fixture.root + "/evil-hooks/post-checkout")
            chmod(fixture.root + "/evil-hooks/post-checkout", 0o755)
            try fixture.write("one\r\n", worktree.path + "/a.txt")
            chmod(worktree.path + "/a.txt", 0o755)
            let state = try fixture.checkpoint(worktree)
            #expect(try await fixture.tree(state.tree).first?.hasPrefix("100755") == true)
            #expect(try await fixture.git("cat-file", "blob", "\(state.tree):a.txt", in: fixture.hub.path) == "one\r\n")
            // Without the trusted configuration the agent's settings would have changed what is recorded.
            let obedient = try worktree.open(obeysItsConfiguration: true)
            let stage = try WorktreeStage.make(obedient, path: worktree.path, sizeLimit: 1 << 20)
            #expect(try stage.index.writeTree(obedient) != state.tree)
            _ = try fixture.add("two", base: base)
            #expect(!fixture.exists(fixture.root + "/executed"))
            #expect(!fixture.exists(fixture.root + "/elsewhere"))
        }
    }
}
