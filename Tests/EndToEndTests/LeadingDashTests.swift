import Testing

@Suite("texts and numbers that begin with a dash")
struct LeadingDashTests {
    @Test("options take them, and a task that begins with one is told where it belongs")
    func dashes() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let refused = try await fixture.runner("start", repository, "- fix it", "--workflow", "script")
            #expect(refused.status == 2 && refused.err.contains("hint: put it at the end, behind --"), "\(refused.err)")
            let alone = try await fixture.runner("start", repository, "- fix it")
            #expect(alone.status == 2 && alone.err.contains("behind --"), "\(alone.err)")
            let missing = try await fixture.runner("start", "--title", "- b", repository)
            #expect(missing.status == 2 && missing.err.contains("Missing expected argument"), "\(missing.err)")
            // One that is no text is told as an unknown option still.
            let option = try await fixture.runner("start", repository, "x", "--frobnicate")
            #expect(option.status == 2 && option.err.contains("Unknown option '--frobnicate'"), "\(option.err)")
            let started = try await fixture.runner(
                "start", repository, "--workflow", "script", "--title", "- one", "--priority", "-5", "--", "- true")
            #expect(started.status == 1 && started.out == "1\n", "\(started.err)")
            #expect(try await fixture.runner("list", "--json").out.contains("\"title\" : \"- one\""))
            let noted = try await fixture.runner("reject", "1", "--note", "- use tabs")
            #expect(noted.status == 3 && noted.err.contains("waits for no decision"), "\(noted.err)")
            let long = try await fixture.runner("keep", "1", "--for", "3000000d")
            #expect(long.status == 2 && long.err.contains("no duration of up to 100 years"), "\(long.err)")
        }
    }
}
