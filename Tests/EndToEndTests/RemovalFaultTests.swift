import Foundation
import Glibc
import Testing

@Suite("removal and return, cut off or at odds")
struct RemovalFaultTests {
    private func start(_ fixture: RunnerFixture, _ files: [String: String] = ["a.txt": "a\n", "b.txt": "b\n"])
        async throws -> String
    {
        let repository = try await fixture.makeRepository(files: files)
        try await fixture.runner("start", repository, "echo x > x.txt", "--workflow", "script")
        return try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
    }

    private func hub(_ fixture: RunnerFixture) throws -> String {
        let hubs = fixture.home + "/hubs"
        let name = try FileManager.default.contentsOfDirectory(atPath: hubs).first { $0.hasSuffix(".git") }
        return hubs + "/" + (try #require(name))
    }

    private func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    @Test(
        "a worktree that is gone is checked out again beside its place: killed on the way, no part passes for the whole"
    )
    func rebuilt() async throws {
        try await RunnerFixture.with { fixture in
            let worktree = try await start(fixture)
            for prunes in [false, true] {
                try FileManager.default.removeItem(atPath: worktree)
                if prunes { try await fixture.git("worktree", "prune", in: try hub(fixture)) }
                let killed = try await fixture.runner("restore", "1", extra: ["RUNNER_CRASH_AT": "rebuilt"])
                #expect(killed.status == 137, "\(killed.err)")
                // In its place the next checkpoint would commit that all other files were deleted.
                #expect(!isThere(worktree))
                let placed = try await fixture.runner("restore", "1", extra: ["RUNNER_CRASH_AT": "placed"])
                #expect(placed.status == 137, "\(placed.err)")
                #expect(try await fixture.git("status", "--porcelain", in: worktree).isEmpty)
                #expect(try String(contentsOfFile: worktree + "/x.txt", encoding: .utf8) == "x\n")
                #expect(try await fixture.git("worktree", "list", in: worktree).contains(worktree))
            }
            // It is known as the task's own.
            #expect(try await fixture.runner("clean", "1", "--json").json([CleanJSON].self).first?.outcome == "removed")
            let folder = URL(fileURLWithPath: worktree).deletingLastPathComponent().path
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        }
    }

    @Test(
        "a look at late changes that was killed spoils neither the next one nor the return", arguments: [true, false])
    func look(returns: Bool) async throws {
        try await RunnerFixture.with { fixture in
            let worktree = try await start(fixture)
            let cleaned = try await fixture.runner("clean", "1", "--json", extra: ["RUNNER_UNDO_WINDOW": "1s"])
            #expect(try cleaned.json([CleanJSON].self).first?.outcome == "removed")
            let trash = fixture.home + "/trash"
            func removed() throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: trash).filter { !$0.hasPrefix(".") }
            }
            try fixture.write("late\n", to: "\(trash)/\(try #require(removed().first))/late.txt")
            try await fixture.eventually("it is looked at") {
                try await fixture.runner("tidy", extra: ["RUNNER_CRASH_AT": "looking"]).status == 137
            }
            if !returns {
                try await fixture.eventually("the directory is deleted") {
                    try await fixture.runner("tidy")
                    return try removed().isEmpty
                }
            }
            let restored = try await fixture.runner("restore", "1")
            #expect(restored.status == 0, "\(restored.err)")
            #expect(isThere(worktree + "/late.txt"))
            let listed = try await fixture.git("worktree", "list", "--porcelain", in: worktree)
            #expect(listed.contains(worktree) && !listed.contains("prunable"), "\(listed)")
            try await fixture.git("status", in: worktree)
        }
    }

    @Test(
        "a tear-down whose janitor was killed ends before the worktree is a step's again, and the next removal has its own"
    )
    func teardown() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.runner("repo", "add", repository)
            let (began, go) = (fixture.root + "/began", fixture.root + "/go")
            try await fixture.runner(
                "repo", "update", "project", "--teardown",
                "echo >> '\(began)'; until [ -e '\(go)' ]; do sleep 0.05; done")
            try await fixture.runner("start", repository, "exit 1", "--workflow", "script")
            async let cleaning = fixture.runner("clean", "1")
            try await fixture.eventually("the tear-down is at work") { isThere(began) }
            let doctor = try await fixture.runner("doctor").out
            #expect(!doctor.contains("attempt folder"), "\(doctor)")
            for pid in fixture.processIDs(where: { $0.contains("runner clean") }) { kill(pid, SIGKILL) }
            _ = try await cleaning
            #expect(fixture.processIDs { $0.contains("/teardown-") } != [])
            let again = try await fixture.runner("retry", "1")
            #expect(again.status == 1, "\(again.err)")
            #expect(fixture.processIDs { $0.contains("/teardown-") } == [])
            try fixture.write("", to: go)
            #expect(try await fixture.runner("clean", "1").status == 0)
            #expect(try String(contentsOfFile: began, encoding: .utf8) == "\n\n")
        }
    }

    @Test("of two who clean the same worktree at once one finds it removed, and neither finds it gone by other hands")
    func twice() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.runner("repo", "add", repository)
            try await fixture.runner("repo", "update", "project", "--teardown", "sleep 0.5")
            try await fixture.runner("start", repository, "true", "--workflow", "script")
            async let one = fixture.runner("clean", "1", "--json")
            async let other = fixture.runner("clean", "1", "--json")
            let reports = try await [one, other].flatMap { try $0.json([CleanJSON].self) }
            #expect(reports.map(\.outcome).sorted() == ["kept", "removed"], "\(reports)")
        }
    }

    @Test("one damaged clone keeps nothing else from being tidied, and is told")
    func damaged() async throws {
        try await RunnerFixture.with { fixture in
            for name in ["p", "q"] {
                let repository = try await fixture.makeRepository(name)
                try await fixture.runner("start", repository, "echo x > x.txt", "--workflow", "script")
            }
            let hubs = fixture.home + "/hubs"
            let paths = try FileManager.default.contentsOfDirectory(atPath: hubs).filter { $0.hasSuffix(".git") }
            #expect(paths.count == 2)
            for path in paths { try fixture.write("", to: "\(hubs)/\(path)/runner.prune") }
            let broken = "\(hubs)/\(try #require(paths.sorted().first))"
            // An object that a reference names is no object any more.
            let reference = try await fixture.git("rev-parse", "HEAD", in: broken)
            let object = "\(broken)/objects/\(reference.prefix(2))/\(reference.dropFirst(2))"
            try await fixture.run("/bin/sh", ["-c", "chmod u+w '\(object)'; echo damaged > '\(object)'"])
            unlink(fixture.home + "/reserve")
            let tidied = try await fixture.runner("tidy")
            #expect(tidied.status != 0 && tidied.err.contains("was not tidied"), "\(tidied)")
            #expect(isThere(fixture.home + "/reserve"))
            #expect(paths.count { isThere("\(hubs)/\($0)/runner.maintained") } == 1)
        }
    }

    @Test("the spares of a repository go with it")
    func spares() async throws {
        try await RunnerFixture.with { fixture in
            _ = try await start(fixture)
            #expect(try await fixture.runner("clean", "1").status == 0)
            let id = URL(fileURLWithPath: try hub(fixture)).deletingPathExtension().lastPathComponent
            let spare = "\(fixture.home)/spares/\(id)/one/a.txt"
            try fixture.write("a\n", to: spare)
            let removed = try await fixture.runner("repo", "remove", "project")
            #expect(removed.status == 0, "\(removed.err)")
            #expect(!isThere("\(fixture.home)/spares/\(id)"))
        }
    }

    @Test("a reserve larger than any disk is none, and no fault")
    func reserve() async throws {
        try await RunnerFixture.with(["RUNNER_DISK_RESERVE": "1000000T"]) { fixture in
            _ = try await start(fixture)
            let tidied = try await fixture.runner("tidy")
            #expect(tidied.status == 0, "\(tidied.err)")
        }
    }
}
