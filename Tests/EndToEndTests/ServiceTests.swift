import Foundation
import Testing

@Suite("runner service")
struct ServiceTests {
    private struct StatusJSON: Decodable {
        let path: String
        let installed: Bool
        let current: Bool
        let running: Bool
        let problem: String?
    }

    /// No systemd is reached: the manager's socket is looked for in an empty folder.
    private func variables(_ fixture: RunnerFixture) -> [String: String] {
        [
            "XDG_CONFIG_HOME": fixture.root + "/config", "XDG_RUNTIME_DIR": fixture.root + "/none",
            "RUNNER_DATABASE_URL": "", "RUNNER_EXTRA": "a \"quoted\" \\ value",
        ]
    }

    @Test("Without systemd the unit is written and the answer says what is missing; uninstall leaves nothing")
    func withoutSystemd() async throws {
        try await RunnerFixture.with { fixture in
            let extra = variables(fixture)
            let before = try await fixture.runner("service", "status", "--json", extra: extra)
            #expect(before.status == 1)
            #expect(try before.json(StatusJSON.self).installed == false)
            for _ in 0..<2 {
                let installed = try await fixture.runner("service", "install", "--json", extra: extra)
                #expect(installed.status == 0, "\(installed.err)")
                let status = try installed.json(StatusJSON.self)
                #expect(status.installed && status.current && !status.running)
                #expect(status.path == fixture.root + "/config/systemd/user/runner.service")
                #expect(status.problem?.contains("runner serve") == true, "\(status)")
            }
            let unit = try String(contentsOfFile: fixture.root + "/config/systemd/user/runner.service", encoding: .utf8)
            #expect(unit.contains("ExecStart=\"\(RunnerFixture.build)/runner\" serve\n"), "\(unit)")
            #expect(unit.contains("KillMode=process"))
            let file = fixture.root + "/config/runner/service.environment"
            let kept = try String(contentsOfFile: file, encoding: .utf8)
            #expect(kept.contains("RUNNER_HOME=\"\(fixture.home)\"\n"), "\(kept)")
            #expect(kept.contains("RUNNER_EXTRA=\"a \\\"quoted\\\" \\\\ value\"\n"), "\(kept)")
            #expect(!kept.contains("LANG="))
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            // A unit that somebody or another version wrote is noticed.
            try fixture.write(unit + "#\n", to: fixture.root + "/config/systemd/user/runner.service")
            let changed = try await fixture.runner("service", "status", "--json", extra: extra)
            #expect(try changed.json(StatusJSON.self).current == false)
            let removed = try await fixture.runner("service", "uninstall", extra: extra)
            #expect(removed.status == 0, "\(removed.err)")
            let left = try await fixture.run("/usr/bin/find", [fixture.root + "/config", "-type", "f"])
            #expect(left.out == "")
            #expect(try await fixture.runner("service", "uninstall", extra: extra).status == 0)
        }
    }

    @Test("A value that no service file can hold is refused with the variable's name, and nothing is written")
    func badValue() async throws {
        try await RunnerFixture.with { fixture in
            var extra = variables(fixture)
            extra["RUNNER_EXTRA"] = "two\nlines"
            let refused = try await fixture.runner("service", "install", extra: extra)
            #expect(refused.status == 2, "\(refused.err)")
            #expect(refused.err.contains("RUNNER_EXTRA"))
            #expect(!FileManager.default.fileExists(atPath: fixture.root + "/config/systemd"))
        }
    }

    @Test("With a manager the unit is enabled and restarted, through a systemctl that the test wrote")
    func withManager() async throws {
        try await RunnerFixture.with { fixture in
            var extra = variables(fixture)
            try fixture.write("", to: fixture.root + "/none/systemd/private")
            try fixture.write(
                "#!/bin/sh\necho \"$*\" >> '\(fixture.root)/calls'\ncase \"$*\" in *is-active*) exit 3;; esac\n",
                to: fixture.root + "/bin/systemctl", mode: 0o755)
            extra["PATH"] = "\(fixture.root)/bin:/usr/bin:/bin"
            let installed = try await fixture.runner("service", "install", "--json", extra: extra)
            #expect(installed.status == 0, "\(installed.err)")
            let status = try installed.json(StatusJSON.self)
            #expect(!status.running && status.problem?.contains("journalctl --user -u runner.service") == true)
            let calls = try String(contentsOfFile: fixture.root + "/calls", encoding: .utf8)
            #expect(
                calls.split(separator: "\n").prefix(3) == [
                    "--user daemon-reload", "--user enable runner.service", "--user restart runner.service",
                ])
        }
    }
}
