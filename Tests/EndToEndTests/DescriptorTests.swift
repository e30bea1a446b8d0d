import Foundation
import Glibc
import Testing

@Suite("descriptors that a command inherits")
struct DescriptorTests {
    private func shell(_ script: String, _ repository: String, in fixture: RunnerFixture) async throws
        -> RunnerFixture.Output
    {
        try await fixture.run("/bin/sh", ["-c", script, RunnerFixture.build + "/runner", repository])
    }

    @Test("no file of ours gets the messages of a command whose standard descriptors are closed")
    func closed() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let start = "exec \"$0\" start \"$1\" 'echo hi > a' --workflow script"
            #expect(try await shell(start + " <&- >&- 2>&-", repository, in: fixture).status == 4)
            #expect(try await shell(start + " <&- 2>&-", repository, in: fixture).out == "2\n")
            // A message that is known to be said, so that its absence means something.
            let told = try await shell(start, repository, in: fixture)
            #expect(told.err.contains("run completed"))
            let found = try await fixture.run("/bin/grep", ["-rl", "run completed", fixture.home])
            #expect(found.out.isEmpty, "\(found.out)")
            let rows = try await fixture.runner("list", "--json").json([TaskRowJSON].self)
            #expect(rows.map(\.status) == ["completed", "completed", "completed"])
            let lost = try await shell("exec \"$0\" list >&-", repository, in: fixture)
            #expect(lost.status == 4 && lost.err.contains("standard output cannot be written"), "\(lost.err)")
        }
    }

    @Test("as many files as the machine allows may be open, and with too few it is said what to do")
    func openFiles() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let few = try await shell("ulimit -n 20 && exec \"$0\" list", repository, in: fixture)
            #expect(few.status == 4 && few.err.contains("hint: allow more: ulimit -n"), "\(few.err)")
            // The step gets what the person had, beside what the program that watches it has.
            let task = "echo x > file; ulimit -Sn; ulimit -Hn; awk \"/open files/ { print \\$4 }\" /proc/$PPID/limits"
            for detach in ["", " --detach"] {
                let start = "ulimit -Sn 128 && exec \"$0\" start \"$1\" '\(task)' --workflow script" + detach
                #expect(try await shell(start, repository, in: fixture).status == 0)
            }
            for number in ["1", "2"] {
                try await fixture.eventually("task \(number) has ended") {
                    let rows = try await fixture.runner("list", "--json").json([TaskRowJSON].self)
                    return rows.contains { "\($0.number)" == number && $0.status == "completed" }
                }
                let limits = try await fixture.runner("log", number, "--raw").out.split(separator: "\n")
                    .compactMap { Int($0) }
                #expect(limits.count == 3 && limits[0] == 128 && limits[2] == min(8192, limits[1]), "\(limits)")
            }
            // An agent that is talked to gets it too, and the command of a bisection.
            let request = "{\\\"prompt\\\": \\\"x\\\", \\\"permission\\\": \\\"deny\\\", \\\"askSeconds\\\": 1}"
            let talk = "ulimit -Sn 128 && echo \"\(request)\" | \"$0\" agent talk -- sh -c 'ulimit -Sn >&2'"
            let talked = try await shell(talk, repository, in: fixture)
            #expect(talked.err.contains("128"), "\(talked.err)")
            let bisect = "ulimit -Sn 128 && \"$0\" bisect 1 --run 'ulimit -Sn >> \(fixture.root)/seen'"
            _ = try await shell(bisect, repository, in: fixture)
            let seen = try String(contentsOfFile: fixture.root + "/seen", encoding: .utf8)
            #expect(Set(seen.split(separator: "\n")) == ["128"], "\(seen)")
        }
    }

    @Test("a tear-down and the program of RUNNER_NOTIFY may have as many files open as the person's shell")
    func otherPrograms() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let (told, torn) = (fixture.root + "/told", fixture.root + "/torn")
            try fixture.write(
                "name: w\nsteps:\n  - { id: tell, tool: notify, with: { message: x } }\n", to: fixture.root + "/w.yaml")
            #expect(try await fixture.runner("repo", "add", repository).status == 0)
            let command = "ulimit -Sn > '\(torn)'; awk \"/open files/ { print \\$4 }\" /proc/$PPID/limits >> '\(torn)'"
            #expect(try await fixture.runner("repo", "update", "project", "--teardown", command).status == 0)
            let start = """
                ulimit -Sn 128 && export RUNNER_NOTIFY="ulimit -Sn > '\(told)'" &&
                "$0" start "$1" task --workflow '\(fixture.root)/w.yaml' && exec "$0" clean 1
                """
            let ended = try await shell(start, repository, in: fixture)
            #expect(ended.status == 0, "\(ended.err)")
            #expect(try String(contentsOfFile: told, encoding: .utf8) == "128\n")
            // What watches it has more: the limit of the tear-down is not that of runner.
            let limits = try String(contentsOfFile: torn, encoding: .utf8).split(separator: "\n").compactMap { Int($0) }
            #expect(limits.count == 2 && limits[0] == 128 && limits[1] > 128, "\(limits)")
        }
    }
}
