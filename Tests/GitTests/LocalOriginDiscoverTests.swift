import CPlatform
import Foundation
import Testing

@testable import Git

@Suite struct LocalOriginDiscoverTests {
    @Test("a checkout is found from its root, a folder in it, a link to it, and its Git directory")
    func checkout() async throws {
        try await GitFixture.with { fixture, base in
            try #require(symlink(fixture.origin, fixture.root + "/link") == 0)
            let paths = [
                fixture.origin, fixture.origin + "/", fixture.origin + "/dir", fixture.origin + "/.git",
                fixture.root + "/link", fixture.root + "/link/dir",
            ]
            let real = try #require(LocalOrigin.realPath(fixture.origin))
            for path in paths {
                let found = try fixture.local(path)
                #expect(found.commonDirectory == real + "/.git", "\(path)")
                #expect(found.workTree == real, "\(path)")
                #expect(try found.head() == .branch("refs/heads/main", base), "\(path)")
            }
        }
    }

    @Test("nothing is found where no repository is, nor where there is nothing")
    func nothing() async throws {
        try await GitFixture.with { fixture, _ in
            try fixture.write("text", fixture.root + "/plain/file.txt")
            #expect(try LocalOrigin.discover(at: fixture.root + "/plain") == nil)
            #expect(try LocalOrigin.discover(at: fixture.root + "/missing") == nil)
        }
    }

    @Test("a bare repository has no checkout")
    func bare() async throws {
        try await GitFixture.with { fixture, base in
            try await fixture.git("clone", "-q", "--bare", fixture.origin, "bare.git", in: fixture.root)
            let found = try fixture.local(fixture.root + "/bare.git")
            #expect(found.workTree == nil)
            #expect(found.commonDirectory == LocalOrigin.realPath(fixture.root + "/bare.git"))
            #expect(try found.head() == .branch("refs/heads/main", base))
            #expect(try !found.hasUncommittedChanges())
        }
    }

    @Test("a bare repository without a word of it in its configuration is one by its name, as for git")
    func bareByName() async throws {
        try await GitFixture.with { fixture, base in
            try await fixture.git("clone", "-q", "--bare", fixture.origin, "bare.git", in: fixture.root)
            try FileManager.default.removeItem(atPath: fixture.root + "/bare.git/config")
            let found = try fixture.local(fixture.root + "/bare.git")
            #expect(found.workTree == nil)
            #expect(try !found.hasUncommittedChanges())
            #expect(try found.head() == .branch("refs/heads/main", base))
            // Its name or its configuration can say that it is none.
            try await fixture.git("config", "core.worktree", fixture.origin, in: fixture.root + "/bare.git")
            #expect(try fixture.local(fixture.root + "/bare.git").workTree == LocalOrigin.realPath(fixture.origin))
            try FileManager.default.removeItem(atPath: fixture.origin + "/.git/config")
            #expect(try fixture.local().workTree == LocalOrigin.realPath(fixture.origin))
            try fixture.write("changed\n", fixture.origin + "/a.txt")
            #expect(try fixture.local().hasUncommittedChanges())
        }
    }

    @Test("a linked worktree is one with the repository it belongs to, with a head and files of its own")
    func linked() async throws {
        try await GitFixture.with { fixture, base in
            try await fixture.git("worktree", "add", "-q", "-b", "side", "../linked", in: fixture.origin)
            let main = try fixture.local()
            let linked = try fixture.local(fixture.root + "/linked/dir")
            #expect(linked.commonDirectory == main.commonDirectory)
            #expect(linked.gitDirectory != main.gitDirectory)
            #expect(linked.workTree == LocalOrigin.realPath(fixture.root + "/linked"))
            #expect(try linked.head() == .branch("refs/heads/side", base))
            try fixture.write("changed\n", fixture.root + "/linked/a.txt")
            #expect(try linked.hasUncommittedChanges())
            #expect(try !main.hasUncommittedChanges())
        }
    }

    @Test("a linked worktree of a bare repository has a checkout")
    func linkedToBare() async throws {
        try await GitFixture.with { fixture, base in
            try await fixture.git("clone", "-q", "--bare", fixture.origin, "bare.git", in: fixture.root)
            try await fixture.git("worktree", "add", "-q", "-b", "side", "../linked", in: fixture.root + "/bare.git")
            let linked = try fixture.local(fixture.root + "/linked")
            #expect(linked.workTree == LocalOrigin.realPath(fixture.root + "/linked"))
            #expect(linked.commonDirectory == LocalOrigin.realPath(fixture.root + "/bare.git"))
            #expect(try linked.head() == .branch("refs/heads/side", base))
        }
    }

    @Test("a Git directory that lies elsewhere is followed")
    func separate() async throws {
        try await GitFixture.with { fixture, base in
            try await fixture.git(
                "clone", "-q", "--separate-git-dir", fixture.root + "/store", fixture.origin, "split",
                in: fixture.root)
            let found = try fixture.local(fixture.root + "/split")
            #expect(found.commonDirectory == LocalOrigin.realPath(fixture.root + "/store"))
            #expect(try found.head() == .branch("refs/heads/main", base))
            #expect(try fixture.local(found.commonDirectory).commonDirectory == found.commonDirectory)
            // Its checkout is where the `.git` is, not the folder that the Git directory happens to lie in.
            let split = LocalOrigin.realPath(fixture.root + "/split")
            #expect(found.workTree == split && found.mainCheckout == split)
            #expect(try fixture.local(fixture.root + "/split/dir").workTree == split)
            #expect(try fixture.local(found.commonDirectory).workTree == nil)
            #expect(try fixture.local(found.commonDirectory + "/hooks").workTree == nil)
            #expect(try !found.hasUncommittedChanges())
            try fixture.write("changed\n", fixture.root + "/split/a.txt")
            #expect(try fixture.local(fixture.root + "/split").hasUncommittedChanges())
        }
    }

    @Test("core.worktree says where the checkout is, also where no .git leads back")
    func configuredWorkTree() async throws {
        try await GitFixture.with { fixture, _ in
            try await fixture.git("clone", "-q", "--bare", fixture.origin, "bare.git", in: fixture.root)
            try fixture.write("mine\n", fixture.root + "/home/file")
            try await fixture.git("config", "core.bare", "false", in: fixture.root + "/bare.git")
            try await fixture.git("config", "core.worktree", fixture.root + "/home", in: fixture.root + "/bare.git")
            let found = try fixture.local(fixture.root + "/bare.git")
            #expect(found.workTree == LocalOrigin.realPath(fixture.root + "/home"))
            #expect(found.mainCheckout == nil)
        }
    }

    @Test("a head without a commit and a detached one are told apart")
    func heads() async throws {
        try await GitFixture.with { fixture, base in
            try await fixture.git("init", "-q", "-b", "trunk", "unborn", in: fixture.root)
            let unborn = try fixture.local(fixture.root + "/unborn")
            #expect(try unborn.head() == .branch("refs/heads/trunk", nil))
            try await fixture.git("checkout", "-q", "--detach", in: fixture.origin)
            #expect(try fixture.local().head() == .detached(base))
        }
    }

    @Test("a repository with SHA-256 objects is refused with an error, not taken for none")
    func otherObjectFormat() async throws {
        try await GitFixture.with { fixture, _ in
            try await fixture.git("init", "-q", "--object-format=sha256", "modern", in: fixture.root)
            #expect(throws: GitError.self) { try LocalOrigin.discover(at: fixture.root + "/modern") }
        }
    }
}
