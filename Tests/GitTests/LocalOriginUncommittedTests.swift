import CPlatform
import Glibc
import Testing

@testable import Git

@Suite struct LocalOriginUncommittedTests {
    /// Seen by the walk alone: `nil` where contents are compared by libgit2.
    private func look(_ origin: LocalOrigin) throws -> Bool? {
        try origin.looksChanged(origin.open(), #require(origin.workTree))
    }

    @Test(
        "changes that no commit holds are seen",
        arguments: [
            "edited", "same size", "staged", "new", "deleted", "made executable", "a link now", "promised", "nested",
            "in conflict",
        ])
    func changed(kind: String) async throws {
        try await GitFixture.with(files: ["a.txt": "one\n", "dir/b.txt": "two\n"]) { fixture, _ in
            let file = fixture.origin + "/a.txt"
            switch kind {
            case "edited", "staged": try fixture.write("two, longer\n", file)
            case "same size": try fixture.write("two\n", file)
            case "new", "promised": try fixture.write("new\n", fixture.origin + "/dir/new.txt")
            case "deleted": unlink(file)
            case "made executable": chmod(file, 0o755)
            case "a link now": unlink(file); symlink("dir/b.txt", file)
            case "nested": try await fixture.git("init", "-q", "nested", in: fixture.origin)
            default:
                try await fixture.git("checkout", "-q", "-b", "other", in: fixture.origin)
                for (branch, text) in [("other", "three\n"), ("main", "four\n")] {
                    try await fixture.git("checkout", "-q", branch, in: fixture.origin)
                    try fixture.write(text, file)
                    try await fixture.git("commit", "-qam", text, in: fixture.origin)
                }
                try await fixture.git("-c", "alias.try=!git merge -q other || true", "try", in: fixture.origin)
            }
            if kind == "staged" { try await fixture.git("add", "-A", in: fixture.origin) }
            if kind == "promised" { try await fixture.git("add", "-N", "dir/new.txt", in: fixture.origin) }
            #expect(try fixture.local().hasUncommittedChanges())
            #expect(try look(fixture.local()) != false)
        }
    }

    @Test(
        "what is no change is none: nothing, ignored files, a touched one, a pipe, an empty folder",
        arguments: ["nothing", "ignored", "touched", "a pipe", "an empty folder", "old index"])
    func unchanged(kind: String) async throws {
        try await GitFixture.with(files: ["a.txt": "one\n", ".gitignore": "*.log\n", "dir/b": "x"]) { fixture, _ in
            for name in ["a.txt", ".gitignore", "dir/b"] { try Self.age(fixture.origin + "/" + name, by: 100) }
            try await fixture.git("update-index", "--refresh", in: fixture.origin)
            switch kind {
            case "ignored": try fixture.write("noise\n", fixture.origin + "/dir/build.log")
            case "touched": try Self.age(fixture.origin + "/a.txt", by: 50)
            case "a pipe": #expect(mkfifo(fixture.origin + "/pipe", 0o600) == 0)
            case "an empty folder": #expect(mkdir(fixture.origin + "/empty", 0o700) == 0)
            // Without a "cache tree" it does not say which tree it is.
            case "old index":
                try await fixture.git("read-tree", "--empty", in: fixture.origin)
                try await fixture.git("add", "-A", in: fixture.origin)
            default: break
            }
            #expect(try !fixture.local().hasUncommittedChanges())
            // Where nothing changed, no content is read.
            let isCertain = !["touched", "old index"].contains(kind)
            #expect(try look(fixture.local()) == (isCertain ? false : nil))
        }
    }

    @Test("a checkout without an index, or without a commit, is looked at by libgit2, and nothing is written")
    func withoutIndex() async throws {
        try await GitFixture.with { fixture, _ in
            try await fixture.git("init", "-q", "-b", "trunk", "unborn", in: fixture.root)
            let unborn = try fixture.local(fixture.root + "/unborn")
            #expect(try !unborn.hasUncommittedChanges())
            try fixture.write("new\n", fixture.root + "/unborn/a.txt")
            #expect(try unborn.hasUncommittedChanges())
            unlink(fixture.origin + "/.git/index")
            #expect(try fixture.local().hasUncommittedChanges())
            #expect(try look(fixture.local()) == nil)
            #expect(access(fixture.origin + "/.git/index", F_OK) != 0)
        }
    }

    /// Sets a file's time back, so that it is older than the index that is written next.
    private static func age(_ path: String, by seconds: Int) throws {
        var times = [timespec(), timespec()]
        clock_gettime(CLOCK_REALTIME, &times[1])
        times[1].tv_sec -= seconds
        times[0] = times[1]
        #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
    }
}
