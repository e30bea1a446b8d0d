import Foundation
import Glibc
import Testing

/// What keeps a worktree: nothing is moved or removed, one line says why, and without the cause the same command works.
@Suite("gates of a removal")
struct GateTests {
    enum Hazard: String, CaseIterable, CustomTestStringConvertible {
        case process, openFile, mount, immutable, replaced, link, gitFile

        var testDescription: String { rawValue }

        /// Part of the line that names it.
        var words: String {
            switch self {
            case .process: "has its working directory in"
            case .openFile: "has an open file in"
            case .mount: "Another file system is mounted"
            case .immutable: "is immutable"
            case .replaced: "is not the directory that was recorded"
            case .link: "is not a plain directory"
            case .gitFile: "is not the one that the runner wrote"
            }
        }

        var needsRoot: Bool { self == .mount || self == .immutable }

        var begin: String {
            switch self {
            case .process: "(cd \"$1\" && exec sleep 600) </dev/null >/dev/null 2>&1 & echo $! > \"$1.pid\""
            case .openFile: "exec 7<\"$1/a.txt\"; sleep 600 </dev/null >/dev/null 2>&1 & echo $! > \"$1.pid\""
            case .mount: "mkdir \"$1/inner\" && mount --bind \"$2\" \"$1/inner\""
            case .immutable: "chattr +i \"$1/a.txt\""
            case .replaced: "mv \"$1\" \"$1.real\" && cp -a \"$1.real\" \"$1\""
            case .link: "mv \"$1\" \"$1.real\" && ln -s \"$2\" \"$1\""
            case .gitFile: "cp \"$1/.git\" \"$1.git\" && echo gitdir: /elsewhere > \"$1/.git\""
            }
        }

        var end: String {
            switch self {
            case .process, .openFile:
                "kill $(cat \"$1.pid\"); while kill -0 $(cat \"$1.pid\") 2>&-; do sleep 0.02; done"
            case .mount: "umount \"$1/inner\" && rmdir \"$1/inner\""
            case .immutable: "chattr -i \"$1/a.txt\""
            case .replaced: "rm -r \"$1\" && mv \"$1.real\" \"$1\""
            case .link: "rm \"$1\" && mv \"$1.real\" \"$1\""
            case .gitFile: "mv \"$1.git\" \"$1/.git\""
            }
        }
    }

    @Test(
        "each hazard keeps the worktree with one line of reason, and only as long as it is there",
        arguments: Hazard.allCases.filter { !$0.needsRoot || geteuid() == 0 })
    func hazard(_ hazard: Hazard) async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: ["a.txt": "a\n"])
            try await fixture.runner("start", repository, "echo b > b.txt", "--workflow", "script")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            let outside = fixture.root + "/outside"
            try fixture.write("keep\n", to: outside + "/inner/file.txt")
            func shell(_ script: String) async throws -> Int {
                try await fixture.run("/bin/sh", ["-c", script, "sh", worktree, outside]).status
            }
            let before = try await (fixture.manifest(worktree), fixture.manifest(outside))
            guard try await shell(hazard.begin) == 0 else {
                // A file system without these flags, or a container that may not mount.
                try #require(hazard.needsRoot)
                return
            }
            let kept = try await fixture.runner("clean", "1", "--json")
            let ended = try await shell(hazard.end)
            let report = try #require(try kept.json([CleanJSON].self).first)
            #expect(ended == 0)
            #expect(kept.status == 3)
            #expect(report.outcome == "kept")
            #expect(report.reasons.count == 1, "\(report.reasons)")
            #expect(report.reasons.first?.contains(hazard.words) == true, "\(report.reasons)")
            let after = try await (fixture.manifest(worktree), fixture.manifest(outside))
            #expect(before == after)
            // The control: the same command removes it when the cause is gone.
            let removed = try await fixture.runner("clean", "1", "--json").json([CleanJSON].self)
            #expect(removed.first?.outcome == "removed", "\(removed)")
            #expect(try await fixture.manifest(outside) == before.1)
        }
    }
}
