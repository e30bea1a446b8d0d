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
}
