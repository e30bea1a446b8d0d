import Foundation
import Glibc
import Testing

@Suite("forks")
struct ForkTests {
    private static let workflow = """
        name: three
        steps:
          - id: plan
            run: |
              echo plan > plan.txt
              echo "word=first" >> "$RUNNER_OUTPUT"
          - id: build
            env: { WORD: "{{ steps.plan.outputs.word }}" }
            run: echo "$WORD $RUNNER_TASK_NUMBER" > build.txt
          - id: check
            run: |
              echo "$PORT" > check.txt
              test ! -e fail

        """

    private func path(_ fixture: RunnerFixture, _ task: Int) async throws -> String {
        try await fixture.runner("path", "\(task)").out.trimmingCharacters(in: .newlines)
    }

    private func inodes(_ folder: String) throws -> [String: UInt64] {
        var found: [String: UInt64] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            var facts = stat()
            guard lstat("\(folder)/\(name)", &facts) == 0 else { continue }
            found[name] = UInt64(facts.st_ino)
        }
        return found
    }

    @Test("a fork goes on from a step's result, keeps what earlier steps said, and shares nothing that can be written")
    func fork() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write(Self.workflow, to: fixture.root + "/three.yaml")
            let started = try await fixture.runner("start", repository, "t", "--workflow", fixture.root + "/three.yaml")
            #expect(started.status == 0, "\(started.err)")
            let source = try await path(fixture, 1)
            let before = try await fixture.manifest(source)
            let forked = try await fixture.runner("fork", "1", "--step", "plan", "--title", "another way")
            #expect(forked.status == 0 && forked.out == "2\n", "\(forked.err)")
            let fork = try await path(fixture, 2)
            let read = { (name: String) in try String(contentsOfFile: "\(fork)/\(name)", encoding: .utf8) }
            #expect(try read("plan.txt") == "plan\n" && read("build.txt") == "first 2\n")
            #expect(try read("check.txt") != String(contentsOfFile: source + "/check.txt", encoding: .utf8))
            let steps = try await fixture.runner("steps", "2", "--json").json([StepJSON].self)
            #expect(steps.map(\.status) == ["succeeded", "succeeded", "succeeded"])
            #expect(steps.map(\.attempts.count) == [0, 1, 1])
            #expect(
                try await fixture.runner("show", "2", "--json").json(ShowJSON.self).branch == "runner/2-another-way")
            // Nothing of the one is the other.
            let (ours, theirs) = (try inodes(fork), try inodes(source))
            #expect(Set(ours.values).isDisjoint(with: theirs.values) && ours.keys.contains("build.txt"))
            try fixture.write("mine\n", to: fork + "/plan.txt")
            #expect(try await fixture.manifest(source) == before)
            #expect(try await fixture.git("status", "--porcelain", in: source) == "")
            #expect(try await fixture.git("merge-base", "--is-ancestor", "HEAD~1", "HEAD", in: fork) == "")
        }
    }

    @Test("without a step a fork begins where the task is; a step that failed is tried again on what it left")
    func defaults() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: ["fail": "x\n"])
            try fixture.write(Self.workflow, to: fixture.root + "/three.yaml")
            let started = try await fixture.runner("start", repository, "t", "--workflow", fixture.root + "/three.yaml")
            #expect(started.status == 1, "\(started.err)")
            let again = try await fixture.runner("fork", "1")
            #expect(again.status == 1 && again.out == "2\n", "\(again.err)")
            let steps = try await fixture.runner("steps", "2", "--json").json([StepJSON].self)
            #expect(steps.map(\.attempts.count) == [0, 0, 1] && steps.map(\.status).last == "failed")
            let fork = try await path(fixture, 2)
            #expect(try String(contentsOfFile: fork + "/build.txt", encoding: .utf8) == "first 1\n")
            // A fork of a fork knows what the first task's steps said.
            let third = try await fixture.runner("fork", "2", "--step", "check")
            #expect(third.status == 1 && third.out == "3\n", "\(third.err)")
            // And a retry in a fork runs the kept steps again where it is asked to.
            unlink(fork + "/fail")
            let retried = try await fixture.runner("retry", "2", "--from", "plan")
            #expect(retried.status == 0, "\(retried.err)")
            #expect(try String(contentsOfFile: fork + "/build.txt", encoding: .utf8) == "first 2\n")
        }
    }

    @Test("a fork's changes are those since the task's beginning, and it begins with edits made by hand")
    func changes() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write(Self.workflow, to: fixture.root + "/three.yaml")
            try await fixture.runner("start", repository, "t", "--workflow", fixture.root + "/three.yaml")
            #expect(try await fixture.runner("fork", "1", "--step", "plan").status == 0)
            let diff = try await fixture.runner("diff", "2").out
            #expect(diff.contains("plan.txt") && diff.contains("build.txt"), "\(diff)")
            #expect(try await fixture.runner("apply", "2").status == 0)
            #expect(try String(contentsOfFile: repository + "/plan.txt", encoding: .utf8) == "plan\n")
            try fixture.write("by hand\n", to: try await path(fixture, 1) + "/hand.txt")
            #expect(try await fixture.runner("fork", "1").status == 0)
            let hand = try await path(fixture, 3) + "/hand.txt"
            #expect(try String(contentsOfFile: hand, encoding: .utf8) == "by hand\n")
            // One of a step begins with what that left.
            #expect(try await fixture.runner("fork", "1", "--step", "check").status == 0)
            #expect(try await !FileManager.default.fileExists(atPath: path(fixture, 4) + "/hand.txt"))
        }
    }

    @Test("what cannot be forked is refused by one sentence, and no task is made")
    func refused() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write(Self.workflow, to: fixture.root + "/three.yaml")
            try await fixture.runner("start", repository, "t", "--workflow", fixture.root + "/three.yaml")
            let unknown = try await fixture.runner("fork", "1", "--step", "chek")
            #expect(unknown.status == 3 && unknown.err.contains("did you mean \"check\"?"), "\(unknown.err)")
            let agent = try await fixture.runner("fork", "1", "--agent", "nobody")
            #expect(agent.status == 3 && agent.err.contains("nobody"), "\(agent.err)")
            #expect(try await fixture.runner("fork", "99").status == 3)
            #expect(try await fixture.runner("list", "--quiet").out == "1\n")
        }
    }
}
