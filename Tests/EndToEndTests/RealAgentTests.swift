import Foundation
import Testing

@Suite("a real agent")
struct RealAgentTests {
    /// Claude Code itself against a scripted model server; `make test-agents` runs the others and more.
    ///
    /// Where it cannot be installed, or not within a minute, the script says so and the test ends there.
    @Test("Claude Code changes a repository, is told more, and its figures can be reckoned again")
    func claude() async throws {
        try await RunnerFixture.with { fixture in
            let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let inherited = ProcessInfo.processInfo.environment
            let cache =
                inherited["RUNNER_TEST_CACHE"] ?? (inherited["HOME"] ?? "/nonexistent") + "/.cache/runner-agents"
            // What a package index needs to be reached, and nothing else, comes from outside.
            var extra = inherited.filter { name, _ in
                name.hasPrefix("PIP_") || name.hasSuffix("_PROXY") || name.hasSuffix("_proxy")
                    || name.hasPrefix("SSL_CERT")
            }
            extra["RUNNER_TEST_CACHE"] = cache
            extra["RUNNER_TEST_INSTALL_SECONDS"] = "60"
            let output = try await fixture.run(
                source.appending(path: "scripts/test-agents").path, ["--quick", RunnerFixture.build, "claude"],
                extra: extra)
            let verdict = output.err.split(separator: "\n").last.map(String.init) ?? ""
            #expect(output.status == 0, "\(output.err)")
            #expect(verdict.contains("passed \"claude\"") || verdict.contains("skipped \"claude\""), "\(output.err)")
            // Seen in the output of the suite: what was not tested, and why.
            print(verdict)
        }
    }
}
