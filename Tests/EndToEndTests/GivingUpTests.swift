import Foundation
import Glibc
import Testing

@Suite("a run that kills its workers")
struct GivingUpTests {
    private struct SessionJSON: Decodable {
        let processId: Int32
        let client: String
        let state: String
    }

    /// Five deaths are allowed. The claim after them is for giving up, and the next ends the run by itself.
    @Test(
        "ends with its processes, by its next owner or by the claim after it, and keeps what it wrote",
        arguments: [4, 5, 6])
    func end(deaths: Int) async throws {
        try await RunnerFixture.with(["RUNNER_NO_GUARD": "1", "RUNNER_STORAGE": "local"]) { fixture in
            let repository = try await fixture.makeRepository()
            #expect(try await fixture.runner("serve", "--background").status == 0)
            // The inner shell has the file on its command line, where it is seen.
            let wait = "while [ ! -e \"$0\" ]; do sleep 0.1; done"
            let script = "echo begun; sh -c '\(wait)' '\(fixture.root)/go'; echo ended"
            try await fixture.runner("start", repository, script, "--workflow", "script", "--detach")
            func isAtWork() -> Bool {
                !fixture.processIDs { $0.hasPrefix("sh -c") && $0.contains("\(fixture.root)/go") }.isEmpty
            }
            try await fixture.eventually("the step runs") { isAtWork() }
            let worker = try #require(
                try await fixture.runner("sessions", "--json").json([SessionJSON].self)
                    .first { $0.client == "serve" && $0.state == "serving" })
            kill(worker.processId, SIGKILL)
            let place = "host='\(fixture.home)/postgres/run' user=runner dbname=runner"
            let sql = "update runner.runs set takeovers = \(deaths)"
            #expect(try await fixture.run("/usr/bin/psql", [place, "-qc", sql]).status == 0)
            #expect(isAtWork())
            async let next = fixture.runner("serve", "--idle-stop", "2s")
            if deaths < 5 {
                // The control: one death fewer, and the run goes on.
                try await fixture.eventually("the step is adopted") {
                    try await fixture.runner("events", "1").out.contains("step.adopted")
                }
                #expect(isAtWork())
                try fixture.write("", to: fixture.root + "/go")
            }
            let status = deaths < 5 ? "completed" : "failed"
            try await fixture.eventually("the run has ended") {
                try await fixture.runner("list", "--json").json([TaskRowJSON].self).map(\.status) == [status]
            }
            try await fixture.eventually("nothing of it is at work") { !isAtWork() }
            #expect(try await next.status == 0)
            if deaths >= 5 {
                #expect(try await fixture.runner("show", "1").out.contains("its worker died \(deaths + 1) times"))
            }
            #expect(try await fixture.runner("log", "1", "--raw").out.hasPrefix("begun\n"))
        }
    }
}
