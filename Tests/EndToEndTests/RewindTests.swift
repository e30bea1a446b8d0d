import Foundation
import Testing

@Suite("runner rewind")
struct RewindTests {
    private static let count = 10

    /// Step `number`: a new file, a change of mode, a deletion, a link, and a change of what was there.
    private static func script(_ number: Int) -> String {
        """
        echo \(number) > file\(number).txt
        echo "line \(number)" >> common.txt
        mkdir -p deep/\(number % 3) && printf '\\0\\377\(number)' > deep/\(number % 3)/bytes
        if [ \(number % 2) = 0 ]; then rm -f file\(number - 1).txt; fi
        if [ \(number % 3) = 0 ]; then chmod +x common.txt; else chmod -x common.txt; fi
        ln -sfn file\(number).txt link
        """
    }

    private static var workflow: String {
        var text = "name: ten\nsteps:\n"
        for number in 1...count {
            text += "  - id: s\(number)\n    run: |\n"
            text += script(number).split(separator: "\n").map { "      \($0)\n" }.joined()
        }
        return text
    }

    @Test("after each of ten steps the worktree and the branch come back byte for byte, and retry goes on from there")
    func everyStep() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: ["common.txt": "start\n", ".gitignore": "*.log\n"])
            try fixture.write(RewindTests.workflow, to: fixture.root + "/ten.yaml")
            let started = try await fixture.runner(
                "start", repository, "ten", "--workflow", fixture.root + "/ten.yaml", "--quiet")
            #expect(started.status == 0, "\(started.err)")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            // What each step must leave, made by the same commands without the runner.
            var expected: [String] = []
            let plain = fixture.root + "/plain"
            try await fixture.git("clone", "-q", repository, plain, in: fixture.root)
            for number in 1...RewindTests.count {
                try await fixture.run("/bin/bash", ["-ec", RewindTests.script(number)], in: plain)
                expected.append(try await fixture.manifest(plain))
            }
            #expect(try await fixture.manifest(worktree) == expected[9])
            try fixture.write("kept\n", to: worktree + "/noise.log")
            try fixture.write("late work\n", to: worktree + "/late.txt")
            for number in [7, 3, 9, 1, 10, 5] {
                let rewound = try await fixture.runner("rewind", "1", "--to", "s\(number)")
                #expect(rewound.status == 0, "\(rewound.err)")
                #expect(try String(contentsOfFile: worktree + "/noise.log", encoding: .utf8) == "kept\n")
                try FileManager.default.removeItem(atPath: worktree + "/noise.log")
                #expect(try await fixture.manifest(worktree) == expected[number - 1], "step \(number)")
                try fixture.write("kept\n", to: worktree + "/noise.log")
                #expect(try await fixture.git("status", "--porcelain", in: worktree) == "")
                #expect(
                    try await fixture.git("log", "-1", "--format=%(trailers:key=Runner-Step,valueonly)", in: worktree)
                        .trimmingCharacters(in: .newlines) == "s\(number)")
            }
            // The first snapshot has what was there before the first of them.
            let copy = fixture.root + "/copy"
            #expect(try await fixture.runner("restore", "1", "--snapshot", "1", "--to", copy).status == 0)
            #expect(try String(contentsOfFile: copy + "/late.txt", encoding: .utf8) == "late work\n")
            let again = try await fixture.runner("retry", "1", "--from", "s6")
            #expect(again.status == 0, "\(again.err)")
            try FileManager.default.removeItem(atPath: worktree + "/noise.log")
            #expect(try await fixture.manifest(worktree) == expected[9])
            // The branch that the first run gave to the repository is what the worktree is at now.
            let tip = try await fixture.git("rev-parse", "HEAD", in: worktree)
            #expect(try await fixture.git("rev-parse", "runner/1-ten", in: repository) == tip)
            // What somebody adds to it there is not overwritten.
            try await fixture.git("checkout", "-q", "runner/1-ten", in: repository)
            try await fixture.git("commit", "-q", "--allow-empty", "-m", "mine", in: repository)
            try await fixture.git("checkout", "-q", "-", in: repository)
            let mine = try await fixture.git("rev-parse", "runner/1-ten", in: repository)
            try await fixture.runner("rewind", "1", "--to", "s5")
            let kept = try await fixture.runner("retry", "1", "--from", "s6")
            #expect(kept.status == 0 && kept.err.contains("has commits that the task lacks"), "\(kept.err)")
            #expect(try await fixture.git("rev-parse", "runner/1-ten", in: repository) == mine)
        }
    }

    @Test("a step that is not there, one that did not succeed, and a run that goes on are refused with a sentence")
    func refusals() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let text = "name: two\nsteps:\n  - id: one\n    run: echo 1 > a\n  - id: two\n    run: exit 1\n"
            try fixture.write(text, to: fixture.root + "/two.yaml")
            try await fixture.runner("start", repository, "two", "--workflow", fixture.root + "/two.yaml")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            let before = try await fixture.manifest(worktree)
            let unknown = try await fixture.runner("rewind", "1", "--to", "onw")
            #expect(unknown.status == 3 && unknown.err.contains("did you mean \"one\"?"), "\(unknown)")
            let failed = try await fixture.runner("rewind", "1", "--to", "two")
            #expect(failed.status == 3 && failed.err.contains("has not succeeded"), "\(failed)")
            #expect(try await fixture.runner("rewind", "9", "--to", "one").status == 3)
            #expect(try await fixture.manifest(worktree) == before)
            #expect(try await fixture.runner("snapshots", "1", "--quiet").out == "")
        }
    }
}
