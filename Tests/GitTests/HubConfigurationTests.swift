import CPlatform
import Foundation
import Testing

@testable import Git

@Suite struct HubConfigurationTests {
    private static let expected = Array(Hub.configuration.utf8)

    @Test("an untouched configuration is left alone")
    func untouched() async throws {
        try await GitFixture.with { fixture, _ in
            let path = fixture.hub.path + "/config"
            let before = try fixture.facts(path)
            #expect(try !fixture.hub.resetConfiguration())
            #expect(try fixture.facts(path).st_ino == before.st_ino)
        }
    }

    @Test(
        "a changed, emptied, removed, linked or huge configuration becomes ours again",
        arguments: ["changed", "emptied", "removed", "linked", "huge"])
    func changed(how: String) async throws {
        try await GitFixture.with { fixture, _ in
            let path = fixture.hub.path + "/config"
            let evil = "[core]\n\tsshCommand = touch /nonexistent/mark\n"
            switch how {
            case "changed": try await fixture.git("config", "core.sshCommand", "touch x", in: fixture.hub.path)
            case "emptied": try fixture.write("", path)
            case "removed": unlink(path)
            case "linked":
                try fixture.write(evil, fixture.root + "/evil")
                unlink(path)
                try #require(symlink(fixture.root + "/evil", path) == 0)
            default: try fixture.write(Hub.configuration + String(repeating: "#\n", count: 100_000), path)
            }
            #expect(try fixture.hub.resetConfiguration())
            #expect(Directory.read(path) == Self.expected)
            if how == "linked" { #expect(Directory.read(fixture.root + "/evil") == Array(evil.utf8)) }
            #expect(try !fixture.hub.resetConfiguration())
        }
    }

    @Test("what keeps git from working in worktrees is undone, and nothing else that a step configured")
    func repaired() async throws {
        try await GitFixture.with { fixture, base in
            let (worktree, path) = (try fixture.add(base: base), fixture.hub.path + "/config")
            #expect(try !fixture.hub.repairConfiguration())
            try await fixture.git("config", "alias.x", "status", in: worktree.path)
            try await fixture.git("sparse-checkout", "set", "--no-cone", "/*", in: worktree.path)
            #expect(try !fixture.hub.repairConfiguration())
            #expect(try await fixture.git("config", "alias.x", in: worktree.path) == "status\n")
            // Each step's `git sparse-checkout` switches worktreeConfig on; without it core.worktree has no effect.
            let damages = [
                Hub.configuration + "[extensions]\n\tworktreeConfig = true\n[core]\n\tworktree = /tmp\n",
                "[core\n", "[core]\n\trepositoryformatversion = 7\n",
            ]
            for damage in damages {
                try fixture.write(damage, path)
                let shown = try await fixture.git("status", "--branch", "--porcelain", in: worktree.path, fails: true)
                #expect(shown.isEmpty, "\(damage)")
                #expect(try fixture.hub.repairConfiguration(), "\(damage)")
                #expect(Directory.read(path) == Self.expected)
                #expect(try await fixture.status(worktree) == "")
            }
            unlink(path)
            #expect(try fixture.hub.repairConfiguration())
        }
    }

    @Test("the reset keeps git from running a command that an agent configured")
    func command() async throws {
        try await GitFixture.with { fixture, _ in
            let mark = fixture.root + "/executed"
            try await fixture.git("config", "core.sshCommand", "touch \(mark); false", in: fixture.hub.path)
            _ = try fixture.hub.resetConfiguration()
            // Port 1 of this machine: refused at once, whatever ssh is installed.
            let url = "ssh://nobody@127.0.0.1:1/none"
            try await fixture.git("ls-remote", url, in: fixture.hub.path, fails: true)
            #expect(!fixture.exists(mark))
            // Without the reset the command runs.
            try await fixture.git("config", "core.sshCommand", "touch \(mark); false", in: fixture.hub.path)
            try await fixture.git("ls-remote", url, in: fixture.hub.path, fails: true)
            #expect(fixture.exists(mark))
        }
    }

    @Test("resets on eight threads at once leave one whole configuration")
    func concurrent() async throws {
        try await GitFixture.with { fixture, _ in
            try fixture.write("", fixture.hub.path + "/config")
            let hub = fixture.hub
            let results = await fixture.onThreads(8) { _ in try hub.resetConfiguration() }
            #expect(try results.filter { try $0.get() }.count == 1)
            #expect(Directory.read(hub.path + "/config") == Self.expected)
        }
    }
}
