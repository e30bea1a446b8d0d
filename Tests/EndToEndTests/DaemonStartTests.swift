import Foundation
import Testing

@Suite("where no daemon is started")
struct DaemonStartTests {
    @Test("a daemon that cannot serve has no successor, which could not either")
    func unserved() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            #expect(try await fixture.runner("list").status == 0)
            let place = "host='\(fixture.home)/postgres/run' user=runner dbname=runner"
            func setReadOnly(_ isOn: Bool) async throws {
                let sql = "alter database runner set default_transaction_read_only = \(isOn)"
                let options = ["PGOPTIONS": "-c default_transaction_read_only=off"]
                let output = try await fixture.run("/usr/bin/psql", [place, "-qc", sql], extra: options)
                #expect(output.status == 0, "\(output.err)")
            }
            // Its guard, and what that starts, write there.
            let log = fixture.home + "/serve.log"
            try await setReadOnly(true)
            let refused = try await fixture.runner("serve")
            #expect(refused.status != 0 && refused.err.contains("read-only"), "\(refused.err)")
            #expect(!FileManager.default.fileExists(atPath: log))
            // The control: one that can serve has a guard.
            try await setReadOnly(false)
            #expect(try await fixture.runner("serve", "--idle-stop", "1s").status == 0)
            #expect(FileManager.default.fileExists(atPath: log))
        }
    }

    @Test("a step leaves tasks to a daemon that serves, and starts none that would end with it")
    func insideStep() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let script = """
                export RUNNER_HOME='\(fixture.home)' RUNNER_STORAGE=memory
                '\(RunnerFixture.build)/runner' start '\(repository)' 'echo inner' --workflow script --detach
                """
            let alone = try await fixture.runner("start", repository, script, "--workflow", "script")
            #expect(alone.status == 1)
            let log = try await fixture.runner("log", "1").out
            #expect(log.contains("would end with that step") && log.contains("serve --background"), "\(log)")
            #expect(try await fixture.runner("list", "--json").json([TaskRowJSON].self).count == 1)
            #expect(fixture.processIDs { $0.contains("/runner serve") }.isEmpty)
            // The control: beside a daemon the same is done.
            #expect(try await fixture.runner("serve", "--background").status == 0)
            let again = try await fixture.runner("start", repository, script, "--workflow", "script")
            #expect(again.status == 0, "\(again.err)")
            try await fixture.eventually("the inner task has ended") {
                try await fixture.runner("list", "--json").json([TaskRowJSON].self)
                    .first { $0.number == 3 }?.status == "completed"
            }
        }
    }
}
