import Foundation
import Testing

/// Two people on one machine who share a server and gave their hosts no names.
@Suite("two data folders of one host")
struct DataFolderTests {
    @Test("what is in the other one is left alone by every command, and each says where it is")
    func other() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            let repository = try await fixture.makeRepository()
            let first = try await fixture.runner("start", repository, "echo 1 > one", "--workflow", "script")
            #expect(first.status == 0, "\(first.err)")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            let place = "postgresql:///runner?user=runner&host=\(fixture.home)/postgres/run"
            let elsewhere = [
                "RUNNER_STORAGE": "server", "RUNNER_HOME": fixture.root + "/other", "RUNNER_DATABASE_URL": place,
            ]
            let theirs = { (arguments: [String]) in
                try await fixture.run(RunnerFixture.build + "/runner", arguments, extra: elsewhere)
            }
            // Its clone is there too, only without that branch.
            let second = try await theirs(["start", repository, "echo 2 > two", "--workflow", "script"])
            #expect(second.status == 0, "\(second.err)")
            #expect(try await fixture.runner("keep", "1", "--for", "1ms").status == 0)
            let due = try await theirs(["clean", "--due"])
            for command in [
                ["path", "1"], ["retry", "1", "--from", "script"], ["rewind", "1", "--to", "script"], ["restore", "1"],
                ["push", "1"], ["apply", "1", "--to", repository], ["clean", "1"],
            ] {
                let refused = try await theirs(command)
                #expect(refused.status == 3, "\(command): \(refused.err)")
                let said = refused.out + refused.err
                #expect(said.contains("of another data folder than \(fixture.root)/other"), "\(command): \(said)")
            }
            #expect(try await !theirs(["doctor"]).out.contains("is gone"), "\(due.err)")
            #expect(FileManager.default.fileExists(atPath: worktree + "/one"))
            #expect(try await fixture.runner("list", "--state", "failed", "--quiet").out.isEmpty)
            #expect(try await theirs(["diff", "2", "--stat"]).out.contains("two"))
            // At home, and also where the worktree was moved out of the data folder.
            let moved = fixture.root + "/moved"
            try FileManager.default.moveItem(atPath: worktree, toPath: moved)
            #expect(try await fixture.runner("env", "relocate", "1", moved).status == 0)
            #expect(try await fixture.runner("retry", "1", "--from", "script").status == 0)
            #expect(try await fixture.runner("clean", "1").status == 0)
            #expect(try await fixture.runner("restore", "1").status == 0)
        }
    }
}
