import CPlatform
import Foundation
import Glibc
import Subprocess
import Testing

@testable import Git

/// What `git status` shows where the index says which folders hold nothing untracked.
@Suite struct UntrackedCacheTests {
    /// How a worktree comes about.
    enum Origin: CaseIterable { case fresh, spare, spareBehind, followed, rewritten }

    private static let files = [
        ".gitignore": "*.log\nbuild/\n", "a.txt": "1", "a-b/x": "1", "a/x": "1", "a.d/x": "1", "deep/one/two/file": "1",
        "deep/.gitignore": "!keep.log\n*.tmp\n", "deep/one/.gitignore": "", "src/x": "1", "ä ö/x/y": "1",
        "gone/x": "1", "gone/too": "1", "moved/inner/x": "1",
    ]

    private func with(
        _ origin: Origin, _ body: (GitFixture, Worktree) async throws -> Void
    ) async throws {
        try await GitFixture.with(files: Self.files) { fixture, first in
            // A tracked file in an ignored folder, and a folder that only the second commit has.
            for path in ["build/tracked", "second/in/x", "a/second"] {
                try fixture.write("2", "\(fixture.origin)/\(path)")
            }
            try await fixture.git("add", "-Af", in: fixture.origin)
            try await fixture.git("commit", "-qm", "second", in: fixture.origin)
            let base = try await fixture.fetch()
            let spares = fixture.root + "/spares"
            switch origin {
            case .fresh: break
            case .spare: _ = try Spare.make(hub: fixture.hub, folder: spares, commit: base)
            case .spareBehind: _ = try Spare.make(hub: fixture.hub, folder: spares, commit: first)
            case .followed: _ = try Spare.make(hub: fixture.hub, folder: spares, commit: first).follow(base)
            case .rewritten: break
            }
            let worktree = try Worktree.add(
                hub: fixture.hub, name: "one", path: fixture.root + "/worktrees/one", branch: "runner/one", base: base,
                spares: spares)
            if origin == .rewritten {
                // By a tool that knows no such part, as libgit2: nothing to rely on is left.
                try fixture.write("3", worktree.path + "/a.txt")
                _ = try fixture.commit(worktree)
            }
            try await body(fixture, worktree)
        }
    }

    /// What `git status` shows, and how many folders it listed: nil when it does not rely on the index; its warnings fail.
    private func look(_ fixture: GitFixture, _ worktree: Worktree) async throws -> (listed: Int?, shown: String) {
        let trace = "\(fixture.root)/trace-\(UUID().uuidString)"
        let result = try await run(
            .name("git"), arguments: ["-C", worktree.path, "--no-optional-locks", "status", "--porcelain"],
            environment: .custom(GitFixture.environment.merging(["GIT_TRACE2_PERF": trace]) { $1 }),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        #expect(result.standardError == "")
        let listed = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
            .first { $0.contains("opendir:") }?.split(separator: ":").last.flatMap { Int($0) }
        return (listed, result.standardOutput)
    }

    /// The same without help of the index.
    private func truth(_ fixture: GitFixture, _ worktree: Worktree) async throws -> String {
        try await fixture.git(
            "--no-optional-locks", "-c", "core.untrackedCache=false", "status", "--porcelain", in: worktree.path)
    }

    @Test("a status right after lists no folder, after a claim too", arguments: Origin.allCases)
    func listsNothing(origin: Origin) async throws {
        try await with(origin) { fixture, worktree in
            let (listed, shown) = try await look(fixture, worktree)
            #expect(shown == "")
            #expect(listed == (origin == .rewritten ? nil : 0))
        }
    }

    @Test("every change shows as it does without help of the index", arguments: Origin.allCases)
    func showsChanges(origin: Origin) async throws {
        try await with(origin) { fixture, worktree in
            let path = worktree.path
            var last = ""
            func expectTruth(_ what: Comment, changes: Bool = true) async throws {
                let (_, shown) = try await look(fixture, worktree)
                #expect(try await truth(fixture, worktree) == shown, what)
                #expect(!changes || shown != last, what)
                last = shown
            }
            try fixture.write("new", path + "/deep/one/two/new")
            try await expectTruth("a new file")
            try fixture.write("new", path + "/second/in/new")
            try await expectTruth("a new file in a folder of the second commit")
            for name in ["x.log", "deep/one/x.log", "deep/one/two/x.tmp", "build/new", "src/x.tmp"] {
                try fixture.write("new", "\(path)/\(name)")
            }
            try await expectTruth("files that are ignored, and one that is not")
            try fixture.write("new", path + "/deep/one/keep.log")
            try await expectTruth("a file that is ignored no more")
            try fixture.write("new", path + "/a/new/folder/x")
            mkdir(path + "/a/empty", 0o777)
            try await expectTruth("new folders")
            unlink(path + "/a-b/x")
            Directory.removeTree(path + "/gone")
            try await expectTruth("removed")
            rename(path + "/moved/inner", path + "/moved/other")
            try await expectTruth("renamed")
            try fixture.write("two\n", path + "/deep/one/.gitignore")
            try await expectTruth("a nested ignore file with rules")
            try fixture.write("src/\n", path + "/.gitignore")
            try await expectTruth("other rules at the top")
            unlink(path + "/deep/.gitignore")
            try await expectTruth("no rules in a folder")
            try fixture.write("new\n", path + "/ä ö/.gitignore")
            try fixture.write("new", path + "/ä ö/x/new")
            try fixture.write("new", path + "/ä ö/x/other")
            try await expectTruth("new rules in a folder")
            try fixture.write("other\n", fixture.hub.path + "/info/exclude")
            try await expectTruth("other rules of the hub")
            try await fixture.git("rm", "-q", "--cached", "a/x", in: path)
            try await expectTruth("tracked no more")
            try await fixture.git("add", "a/new", in: path)
            try await expectTruth("tracked now")
            try await fixture.git("reset", "-q", "--hard", in: path)
            try await expectTruth("reset")
            try await fixture.git("clean", "-qfdx", in: path)
            try await expectTruth("clean")
            try fixture.write("new", path + "/src/new")
            _ = try fixture.commit(worktree)
            try await expectTruth("a commit of ours", changes: false)
            try fixture.write("new", path + "/src/newer")
            try await expectTruth("a new file after it")
        }
    }

    @Test("rules of the person's own and unusual settings are obeyed")
    func personalRules() async throws {
        try await with(.fresh) { fixture, worktree in
            try fixture.write("new", worktree.path + "/src/new")
            try fixture.write("*w\n", fixture.root + "/mine")
            for setting in [
                "core.excludesFile=\(fixture.root)/mine", "status.showUntrackedFiles=all",
                "status.showUntrackedFiles=no",
            ] {
                let shown = try await fixture.git(
                    "--no-optional-locks", "-c", setting, "status", "--porcelain", in: worktree.path)
                #expect(shown == (setting.hasSuffix("all") ? "?? src/new\n" : ""))
            }
            try fixture.write("new", worktree.path + "/deep/x.log")
            let ignored = try await fixture.git("status", "--porcelain", "--ignored", in: worktree.path)
            #expect(ignored == "?? src/new\n!! deep/x.log\n")
        }
    }

    @Test("a directory that a person moved keeps the gain, and git warns of nothing")
    func moved() async throws {
        try await with(.fresh) { fixture, worktree in
            try FileManager.default.createDirectory(atPath: fixture.root + "/other", withIntermediateDirectories: true)
            let moved = Worktree(hub: worktree.hub, name: worktree.name, path: fixture.root + "/other/place")
            rename(worktree.path, moved.path)
            rmdir(fixture.root + "/worktrees")
            try moved.pointAdminHere()
            let (listed, shown) = try await look(fixture, moved)
            #expect(shown == "")
            // The move may show in the top's own times.
            #expect(try #require(listed) <= 1)
            try fixture.write("new", moved.path + "/src/new")
            #expect(try await look(fixture, moved).shown == "?? src/new\n")
        }
    }

    @Test("a sparse checkout's index says nothing about folders")
    func sparse() async throws {
        try await with(.fresh) { fixture, worktree in
            let head = try #require(try worktree.open().head().commit)
            let sparse = try Worktree.add(
                hub: fixture.hub, name: "two", path: fixture.root + "/worktrees/two", branch: "runner/two", base: head,
                sparse: SparsePatterns(folders: ["deep"]))
            #expect(try await look(fixture, sparse).listed == nil)
        }
    }

    @Test("what a folder's time says is believed of file systems that tell every change by it, and of no other")
    func fileSystems() throws {
        func isTrustworthy(_ path: String) -> Bool {
            let folder = runner_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
            defer { close(folder) }
            return UntrackedCache.isTrustworthy(folder)
        }
        // proc(5) and sysfs, whose folders have no such times; tmpfs is the control.
        #expect(!isTrustworthy("/proc"))
        #expect(!isTrustworthy("/sys"))
        #expect(!UntrackedCache.isTrustworthy(-1))
        #expect(isTrustworthy("/dev/shm"))
    }
}
