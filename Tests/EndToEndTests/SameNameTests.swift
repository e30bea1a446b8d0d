import Foundation
import Testing

@Suite("names that mean two things, or have spaces around them")
struct SameNameTests {
    private static let rebase = """
        name: again
        steps:
          - { id: work, run: echo work > work.txt }
          - { id: top, tool: rebase }
        """

    @Test("a tag that is called like the default branch is in nobody's way; who names it is asked which is meant")
    func tagLikeBranch() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.git("tag", "main", in: repository)
            try await fixture.git("commit", "-q", "--allow-empty", "-m", "second", in: repository)
            try fixture.write(Self.rebase, to: fixture.root + "/again.yaml")
            let started = try await fixture.runner(
                "start", repository, "x", "--workflow", fixture.root + "/again.yaml")
            #expect(started.status == 0, "\(started.err)")
            let log = try await fixture.git("log", "--format=%s", "runner/1-x", in: repository)
            #expect(log.split(separator: "\n").dropFirst() == ["second", "first"], "\(log)")

            let both = try await fixture.runner("start", repository, "x", "--base", "main", "--workflow", "script")
            #expect(both.status == 3 && both.err.contains("both a branch"), "\(both.err)")

            // What began at the tag stays there: a rebase onto the branch would bring what nobody asked for.
            let tagged = try await fixture.runner(
                "start", repository, "y", "--base", "refs/tags/main", "--workflow", fixture.root + "/again.yaml")
            #expect(tagged.status == 0, "\(tagged.err)")
            let old = try await fixture.git("log", "--format=%s", "runner/2-y", in: repository)
            #expect(old.split(separator: "\n").dropFirst() == ["first"], "\(old)")
        }
    }

    @Test("a folder that is called like a registered repository and is another one is told of, and a path means it")
    func folder() async throws {
        try await RunnerFixture.with { fixture in
            let known = try await fixture.makeRepository()
            #expect(try await fixture.runner("repo", "add", known).status == 0)
            let other = try await fixture.makeRepository("elsewhere/project", files: ["theirs": "1\n"])
            let start = { (name: String, folder: String) in
                try await fixture.run(
                    RunnerFixture.build + "/runner", ["start", name, "ls", "--workflow", "script"], in: folder)
            }
            let note = "project is the registered repository at \(known)"
            let elsewhere = fixture.root + "/elsewhere"
            let told = try await start("project", elsewhere)
            #expect(told.status == 0 && told.err.contains(note), "\(told.err)")
            #expect(try await fixture.runner("diff", "1").status == 0)
            let meant = try await start("./project", elsewhere)
            #expect(meant.status == 0 && !meant.err.contains(note), "\(meant.err)")
            #expect(try await fixture.runner("log", "2", "--raw").out == "theirs\n")
            for folder in [fixture.root, other] {
                let quiet = try await start("project", folder)
                #expect(quiet.status == 0 && !quiet.err.contains("registered repository"), "\(quiet.err)")
            }
        }
    }

    @Test("HEAD is where the checkout stands, also where the settings name another branch")
    func head() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.git("branch", "old", in: repository)
            try await fixture.git("commit", "-q", "--allow-empty", "-m", "second", in: repository)
            #expect(try await fixture.runner("repo", "add", repository).status == 0)
            #expect(try await fixture.runner("repo", "update", "project", "--branch", "old").status == 0)
            for (base, subject) in [([], "first"), (["--base", "HEAD"], "second")] {
                let started = try await fixture.run(
                    RunnerFixture.build + "/runner",
                    ["start", repository, "git log -1 --format=%s", "--workflow", "script", "--quiet"] + base)
                #expect(started.status == 0, "\(started.err)")
                let number = started.out.trimmingCharacters(in: .newlines)
                #expect(try await fixture.runner("log", number, "--raw").out == subject + "\n")
            }
        }
    }

    @Test("a folder with spaces at the ends of its name is found; pasted spaces around a path do no harm")
    func spaces() async throws {
        try await RunnerFixture.with { fixture in
            for name in ["trailing ", " leading"] {
                let path = try await fixture.makeRepository(name)
                for text in [path, name] {
                    let started = try await fixture.run(
                        RunnerFixture.build + "/runner", ["start", text, "true", "--workflow", "script"])
                    #expect(started.status == 0, "\(text): \(started.err)")
                }
            }
            let plain = try await fixture.makeRepository("plain")
            let pasted = try await fixture.runner("start", " \(plain) ", "true", "--workflow", "script")
            #expect(pasted.status == 0, "\(pasted.err)")
            let rows = try await fixture.runner("list", "--json").json([TaskRowJSON].self)
            #expect(rows.count == 5)
        }
    }

    @Test("--no-fetch starts from what was fetched last, also when the local repository is gone")
    func goneOrigin() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            #expect(try await fixture.runner("start", repository, "true", "--workflow", "script").status == 0)
            try FileManager.default.moveItem(atPath: repository, toPath: repository + ".moved")
            let fetching = try await fixture.runner("start", "project", "true", "--workflow", "script")
            #expect(fetching.status == 3 && fetching.err.contains("nothing at"), "\(fetching.err)")
            let started = try await fixture.runner(
                "start", "project", "cat README.md", "--no-fetch", "--workflow", "script")
            #expect(started.status == 0 && started.err.contains("nothing of your checkout"), "\(started.err)")
            #expect(started.err.contains("was not published"), "\(started.err)")
            let number = started.out.trimmingCharacters(in: .newlines)
            #expect(try await fixture.runner("log", number, "--raw").out == "hello\n")
        }
    }
}
