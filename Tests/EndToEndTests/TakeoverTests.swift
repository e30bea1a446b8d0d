import Foundation
import Glibc
import Testing

/// Two hosts on this machine, each with a data folder of its own, and one PostgreSQL server.
@Suite("taking over from another host")
struct TakeoverTests {
    private static let postgres: String? = {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        return versions.compactMap { Int($0) }.max().map { "/usr/lib/postgresql/\($0)/bin" }
    }()

    /// A server of one's own runs as another user, which only root can have it do.
    static let isPossible = geteuid() == 0 && postgres != nil && getpwnam("postgres") != nil

    private func withServer(_ fixture: RunnerFixture, _ body: (String) async throws -> Void) async throws {
        let (bin, folder) = (try #require(Self.postgres), fixture.root + "/pg")
        let script = """
            mkdir '\(folder)' && chown postgres '\(folder)' && cd /
            runuser -u postgres -- \(bin)/initdb -D '\(folder)/data' -A trust -N >/dev/null
            runuser -u postgres -- \(bin)/pg_ctl -D '\(folder)/data' -w -l '\(folder)/log' \\
                -o "-c listen_addresses= -c fsync=off -k '\(folder)'" start >/dev/null
            runuser -u postgres -- \(bin)/psql -q -h '\(folder)' -c 'create database runner' postgres
            """
        let stop = "cd / && runuser -u postgres -- \(bin)/pg_ctl -D '\(folder)/data' -w -m immediate stop"
        do {
            let made = try await fixture.run("/bin/bash", ["-ec", script])
            try #require(made.status == 0, "\(made.err)")
            try await body("postgres://postgres@/runner?host=\(folder)")
        } catch {
            _ = try? await fixture.run("/bin/bash", ["-c", stop])
            throw error
        }
        _ = try await fixture.run("/bin/bash", ["-c", stop])
    }

    private static let workflow = """
        name: hosts
        steps:
          - id: one
            run: echo one > one
          - id: gate
            approval: go on?
          - id: two
            run: |
              pwd | grep -o beta
              git status --porcelain
              git -C lib status --porcelain
              cat lib/lib.txt one

        """

    @Test("submodules are there on the host that takes a run over", .enabled(if: TakeoverTests.isPossible))
    func submodules() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "server", "RUNNER_LEASE_SECONDS": "3"]) { fixture in
            let lib = try await fixture.makeRepository("lib", files: ["lib.txt": "lib\n"])
            let project = try await fixture.makeRepository(files: ["a": "a\n"])
            try await fixture.git(
                "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", lib, "lib", in: project)
            try await fixture.git("config", "-f", ".gitmodules", "submodule.lib.url", "../lib.git", in: project)
            try await fixture.git("commit", "-qam", "a submodule", in: project)
            for name in ["lib", "project"] {
                try await fixture.git(
                    "clone", "-q", "--bare", "\(fixture.root)/\(name)", "\(fixture.root)/served/team/\(name).git",
                    in: fixture.root)
            }
            try fixture.write(
                "#!/bin/sh\nfor last; do :; done\neval \"$(echo \"$last\" | sed \"s#'/#'\(fixture.root)/served/#\")\"\n",
                to: fixture.root + "/ssh", mode: 0o755)
            try fixture.write(Self.workflow, to: fixture.root + "/hosts.yaml")
            try await withServer(fixture) { server in
                let on = { (host: String, arguments: [String]) in
                    try await fixture.run(
                        RunnerFixture.build + "/runner", arguments,
                        extra: [
                            "RUNNER_HOST": host, "RUNNER_HOME": "\(fixture.root)/\(host)",
                            "RUNNER_DATABASE_URL": server, "GIT_SSH_COMMAND": fixture.root + "/ssh",
                        ])
                }
                #expect(try await on("alpha", ["db", "migrate"]).status == 0)
                let url = "ssh://git@git.example.com/team/project.git"
                #expect(try await on("alpha", ["repo", "add", url]).status == 0)
                #expect(try await on("alpha", ["repo", "update", "project", "--submodules"]).status == 0)
                let started = try await on(
                    "alpha", ["start", "project", "hello", "--workflow", fixture.root + "/hosts.yaml"])
                #expect(started.status == 5, "\(started.err)")
                let shown = try await on("beta", ["show", "1"]).out
                #expect(shown.contains("host        alpha, its last sign of life was "), "\(shown)")
                #expect(try await !on("alpha", ["show", "1"]).out.contains("sign of life"))
                let taken = try await on("beta", ["takeover", "1"])
                #expect(taken.status == 5, "\(taken.err)")
                #expect(try await on("beta", ["approve", "1"]).status == 0)
                // The answer has left the run to a daemon there.
                try await fixture.eventually("the run ends") {
                    try await on("beta", ["list"]).out.contains("completed")
                }
                await fixture.endDaemons()
                let log = try await on("beta", ["log", "1", "--raw"])
                #expect(log.out == "beta\nlib\none\n", "\(log.out)\(log.err)")
                // The old host still has its worktree and its branch, as they were before.
                for command in [
                    ["diff", "1"], ["path", "1"], ["push", "1"], ["apply", "1", "--to", project], ["fork", "1"],
                    ["bisect", "1", "--run", "true"],
                ] {
                    let answer = try await on("alpha", command)
                    #expect(answer.status == 3, "\(command): \(answer.out)")
                    #expect(answer.err.contains("on the host \"beta\""), "\(command): \(answer.err)")
                }
                #expect(try await on("alpha", ["diff", "1", "one"]).out.contains("+one"))
                #expect(try await on("beta", ["diff", "1"]).out.contains("+one"))
            }
        }
    }
}
