import Foundation
import Testing

@Suite("runner clean, keep and restore")
struct CleanupTests {
    @Test("after its deadline a worktree goes, and restore brings back the identical tree")
    func removeAndRestore() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: ["a.txt": "a\n", ".gitignore": "*.log\n"])
            try await fixture.runner("start", repository, "echo b > b.txt", "--workflow", "script")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            try fixture.write("untracked\n", to: worktree + "/new/untracked.txt", mode: 0o755)
            try fixture.write("ignored\n", to: worktree + "/debug.log")
            try fixture.write("changed\n", to: worktree + "/a.txt")
            try await fixture.git("add", "a.txt", in: worktree)
            try fixture.write("changed again\n", to: worktree + "/a.txt")
            let manifest = try await fixture.manifest(worktree)
            let status = try await fixture.git("status", "--porcelain=v2", in: worktree)
            let early = try await fixture.runner("clean", "--due", "--json").json([CleanJSON].self)
            #expect(early.isEmpty)
            try await fixture.runner("keep", "1", "--for", "1ms")
            let dry = try await fixture.runner("clean", "--due", "--dry-run", "--json").json([CleanJSON].self)
            #expect(dry.map(\.outcome) == ["removable"])
            #expect(FileManager.default.fileExists(atPath: worktree))
            let cleaned = try await fixture.runner("clean", "--due", "--json").json([CleanJSON].self)
            #expect(cleaned.map(\.outcome) == ["removed"], "\(cleaned)")
            #expect(!FileManager.default.fileExists(atPath: worktree))
            #expect(try await fixture.runner("path", "1").status == 3)
            let restored = try await fixture.runner("restore", "1")
            #expect(restored.status == 0, "\(restored.err)")
            #expect(try await fixture.manifest(worktree) == manifest)
            #expect(try await fixture.git("status", "--porcelain=v2", in: worktree) == status)
            #expect(try await fixture.runner("restore", "1").status == 3)
        }
    }

    @Test("a worktree with a process inside is kept, and one line says why")
    func processInside() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.runner("start", repository, "echo b > b.txt", "--workflow", "script")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            async let inside = fixture.run(
                "/bin/sh", ["-c", "cd '\(worktree)' && touch inside && while [ -e inside ]; do sleep 0.05; done"])
            try await fixture.eventually("the process is inside") {
                FileManager.default.fileExists(atPath: worktree + "/inside")
            }
            let refused = try await fixture.runner("clean", "1", "--json")
            #expect(refused.status == 3)
            let report = try refused.json([CleanJSON].self)
            #expect(report.first?.outcome == "kept")
            #expect(report.first?.reasons.contains { $0.contains("rocess") } == true, "\(report)")
            try FileManager.default.removeItem(atPath: worktree + "/inside")
            _ = try await inside
            // The control: without the process the same command removes it.
            #expect(try await fixture.runner("clean", "1", "--json").json([CleanJSON].self).first?.outcome == "removed")
        }
    }

    @Test("a worktree that is kept for ever is not removed, even when asked by name")
    func keptForEver() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.runner("start", repository, "echo b > b.txt", "--workflow", "script")
            #expect(try await fixture.runner("keep", "1", "--forever").status == 0)
            #expect(try await fixture.runner("clean", "1").status == 3)
            #expect(try await fixture.runner("keep", "1", "--for", "1d").status == 0)
            #expect(try await fixture.runner("clean", "1").status == 0)
        }
    }

    @Test("what holds a task's work is named, and nothing that has nothing of it; a push to the path counts")
    func holders() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.runner("repo", "add", repository)
            try await fixture.runner("repo", "update", "project", "--publish", "never")
            for script in ["true", "true", "echo x > x"] {
                try await fixture.runner("start", "project", script, "--workflow", "script")
            }
            let without = try await fixture.runner("clean", "1", "--dry-run").out
            #expect(without.contains("no commits of its own") && !without.contains("held by"), "\(without)")
            // The control: the commit of a step is held by its checkpoint.
            let with = try await fixture.runner("clean", "3", "--dry-run").out
            #expect(with.contains("1 commit, not pushed") && with.contains("held by refs/runner/3/1/"), "\(with)")
            let worktree = try await fixture.runner("path", "3").out.trimmingCharacters(in: .newlines)
            try await fixture.git("push", "-q", repository, "HEAD:refs/heads/mine", in: worktree)
            let pushed = try await fixture.runner("clean", "3", "--dry-run").out
            #expect(pushed.contains("pushed: origin/mine"), "\(pushed)")
        }
    }
}
