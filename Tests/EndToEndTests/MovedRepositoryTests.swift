import Foundation
import Glibc
import Testing

@Suite("a local repository that was moved")
struct MovedRepositoryTests {
    @Test("runner repo update tells its new place, to which older tasks are published")
    func moved() async throws {
        try await RunnerFixture.with { fixture in
            let old = try await fixture.makeRepository()
            #expect(try await fixture.runner("repo", "add", old).status == 0)
            // A task whose branch the old place does not get.
            #expect(try await fixture.runner("repo", "update", "project", "--publish", "never").status == 0)
            let first = try await fixture.runner("start", old, "echo 1 > one; test -e ../go", "--workflow", "script")
            #expect(first.status == 1, "\(first.err)")
            #expect(try await fixture.runner("repo", "update", "project", "--publish", "branch").status == 0)
            let new = fixture.root + "/elsewhere/project"
            try FileManager.default.createDirectory(
                atPath: fixture.root + "/elsewhere", withIntermediateDirectories: true)
            try await fixture.run("/bin/mv", [old, new])
            let lost = try await fixture.runner("start", "project", "true", "--workflow", "script")
            #expect(lost.status == 3 && lost.err.contains("runner repo update project --url"), "\(lost.err)")

            let moved = try await fixture.runner("repo", "update", "project", "--url", new)
            #expect(moved.status == 0, "\(moved.err)")
            #expect(try await fixture.runner("repo", "show", "project").out.contains(new))
            let path = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            try fixture.write("", to: path + "/../go")
            let again = try await fixture.runner("retry", "1")
            #expect(again.status == 0, "\(again.err)")
            let branches = try await fixture.git("branch", "--list", "runner/*", in: new)
            #expect(branches.contains("runner/1"), "\(branches)")
            // A path is known by its place: the new one is found, the old one is none.
            #expect(try await fixture.runner("start", new, "true", "--workflow", "script").status == 0)
            #expect(try await fixture.runner("repo", "list", "--quiet").out == "project\n")
        }
    }

    @Test("a start that read the old place before the move fetches from the new one, and writes no old place back")
    func duringStart() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            let old = try await fixture.makeRepository()
            #expect(try await fixture.runner("repo", "add", old).status == 0)
            let new = fixture.root + "/new-place"
            try await fixture.run("/bin/cp", ["-a", old, new])
            try fixture.write("only here\n", to: new + "/fresh")
            try await fixture.git("add", "fresh", in: new)
            try await fixture.git("commit", "-qm", "fresh", in: new)
            let place = "host='\(fixture.home)/postgres/run' user=runner dbname=runner"
            // A move on another host: not to be seen before the start waits to write what it fetched.
            let move = """
                do $$ begin
                    update runner.repositories set url = replace(url, '\(old)', '\(new)'),
                        identity = replace(identity, '\(old)', '\(new)');
                    for i in 1..1200 loop
                        exit when exists (select from pg_stat_activity where wait_event_type = 'Lock');
                        perform pg_sleep(0.05);
                        perform pg_stat_clear_snapshot();
                    end loop;
                end $$
                """
            async let moved = fixture.run("/usr/bin/psql", [place, "-qc", move])
            try await fixture.eventually("the move is under way") {
                let asked = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'"
                return try await fixture.run("/usr/bin/psql", [place, "-Atc", asked]).out == "1\n"
            }
            let start = try await fixture.runner("start", "project", "cat fresh", "--workflow", "script")
            #expect(try await moved.status == 0)
            #expect(start.status == 0, "\(start.err)")
            #expect(try await fixture.runner("repo", "show", "project").out.contains(new))
        }
    }

    @Test("a start that read the old place before the move, and finds it gone, goes to the new one")
    func goneDuringStart() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            let old = try await fixture.makeRepository()
            #expect(try await fixture.runner("repo", "add", old).status == 0)
            let new = fixture.root + "/new-place"
            let place = "host='\(fixture.home)/postgres/run' user=runner dbname=runner"
            let hubs = fixture.home + "/hubs"
            let lock = try #require(
                try FileManager.default.contentsOfDirectory(atPath: hubs).first { $0.hasPrefix(".registering-") })
            let file = open("\(hubs)/\(lock)", O_RDWR | O_CLOEXEC)
            try #require(file >= 0 && flock(file, LOCK_EX) == 0)
            var status = stat()
            try #require(fstat(file, &status) == 0)
            let waiter = "-> FLOCK"
            let inode = ":\(status.st_ino) "
            async let started = fixture.runner("start", "project", "cat README.md", "--workflow", "script")
            try await fixture.eventually("the start waits to fetch") {
                try String(contentsOfFile: "/proc/locks", encoding: .utf8).split(separator: "\n")
                    .contains { $0.contains(waiter) && $0.contains(inode) }
            }
            try await fixture.run("/bin/mv", [old, new])
            let move = """
                update runner.repositories set url = replace(url, '\(old)', '\(new)'),
                    identity = replace(identity, '\(old)', '\(new)')
                """
            #expect(try await fixture.run("/usr/bin/psql", [place, "-qc", move]).status == 0)
            close(file)
            let start = try await started
            #expect(start.status == 0, "\(start.err)")
            // Without a move the same is refused.
            try await fixture.run("/bin/mv", [new, old])
            let refused = try await fixture.runner("start", "project", "true", "--workflow", "script")
            #expect(refused.status == 3 && refused.err.contains("--url"), "\(refused.err)")
        }
    }

    @Test("what is no move of it is refused in one sentence, and changes nothing")
    func refused() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let other = try await fixture.makeRepository("other", files: ["theirs": "1\n"])
            let stranger = try await fixture.makeRepository("stranger", files: ["strange": "1\n"])
            let empty = fixture.root + "/empty"
            try await fixture.git("init", "-q", empty, in: fixture.root)
            #expect(try await fixture.runner("start", repository, "true", "--workflow", "script").status == 0)
            #expect(try await fixture.runner("repo", "add", other).status == 0)
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            for (place, reason) in [
                (stranger, "no commit in common with \"project\""), (empty, "no commit in common"),
                (other, "registered already, as \"other\""), (worktree, "is a worktree of runner"),
                (fixture.root, "is not in a Git repository"), (fixture.root + "/none", "there is nothing at"),
                ("file://" + stranger, "the repository is refused"),
            ] {
                let answer = try await fixture.runner("repo", "update", "project", "--url", place)
                #expect(answer.status == 3 && answer.err.contains(reason), "\(place): \(answer.err)")
            }
            #expect(try await fixture.runner("repo", "update", "project", "--url", "").status == 2)
            #expect(try await fixture.runner("repo", "show", "project").out.contains(repository))
            // The same place again is no fault.
            #expect(try await fixture.runner("repo", "update", "project", "--url", repository).status == 0)
            #expect(try await fixture.runner("start", repository, "true", "--workflow", "script").status == 0)
        }
    }
}
