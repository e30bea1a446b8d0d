import Foundation
import Testing

@Suite("repositories without a commit where HEAD is")
struct UnbornTests {
    @Test("an empty repository is refused by one sentence, and serves as soon as it has a commit")
    func empty() async throws {
        try await RunnerFixture.with { fixture in
            let repository = fixture.root + "/project"
            try await fixture.git("init", "-q", repository, in: fixture.root)
            for added in [false, true] {
                if added { #expect(try await fixture.runner("repo", "add", repository).status == 0) }
                let refused = try await fixture.runner("start", repository, "true", "--workflow", "script")
                #expect(refused.status == 3 && refused.out == "", "\(refused.err)")
                #expect(refused.err.contains("has no commit yet") && refused.err.contains("commit"), "\(refused.err)")
                #expect(refused.err.split(separator: "\n").count <= 2, "\(refused.err)")
            }
            #expect(try await fixture.runner("list", "--quiet").out == "")
            try await fixture.git("commit", "-q", "--allow-empty", "-m", "first", in: repository)
            let started = try await fixture.runner("start", repository, "echo 1 > a", "--workflow", "script")
            #expect(started.status == 0, "\(started.err)")
            #expect(try await fixture.git("show", "runner/1-echo-1-a:a", in: repository) == "1")
        }
    }

    @Test("a HEAD on a branch without a commit beside others names them; --base and a setting choose one")
    func unborn() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.git("switch", "-q", "--orphan", "fresh", in: repository)
            let start = { (extra: [String]) in
                try await fixture.run(
                    RunnerFixture.build + "/runner",
                    ["start", repository, "test -e README.md", "--workflow", "script"] + extra)
            }
            let refused = try await start([])
            #expect(refused.status == 3, "\(refused.err)")
            #expect(refused.err.contains("\"fresh\"") && refused.err.contains("--base") && refused.err.contains("main"))
            let based = try await start(["--base", "main"])
            #expect(based.status == 0, "\(based.err)")
            #expect(try await fixture.runner("repo", "update", "project", "--branch", "main").status == 0)
            let set = try await start([])
            #expect(set.status == 0, "\(set.err)")
            #expect(try await fixture.git("symbolic-ref", "HEAD", in: repository) == "refs/heads/fresh")
        }
    }
}
