import Foundation
import Glibc
import Testing

/// Three network namespaces on this machine: a server with PostgreSQL and a Git daemon, and two hosts that reach it.
///
/// Nothing of it is seen outside: the addresses exist only in the namespaces.
struct PartitionNetwork: Sendable {
    let fixture: RunnerFixture
    private let tag: String
    private let extra: [String: String]

    static let hosts = ["alpha", "beta"]
    private static let server = "10.231.0.1"

    /// Nil when this machine cannot do it; the reason is a sentence for the skipped test.
    static let obstacle: String? = {
        guard geteuid() == 0 else { return "network namespaces need root" }
        for program in ["/usr/sbin/ip", "/usr/sbin/runuser"] where access(program, X_OK) != 0 {
            return "\(program) is not installed"
        }
        guard postgres != nil, getpwnam("postgres") != nil else {
            return "there is no PostgreSQL with a user of its own"
        }
        guard access("/usr/lib/git-core/git-daemon", X_OK) == 0 else { return "git daemon is not installed" }
        // Containers often forbid it.
        guard canUnshareNetwork() else { return "this machine forbids network namespaces" }
        return nil
    }()

    private static func canUnshareNetwork() -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = ["-n", "/bin/true"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// The folder of the newest server's programs.
    static let postgres: String? = {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        return versions.compactMap { Int($0) }.max().map { "/usr/lib/postgresql/\($0)/bin" }
    }()

    static func with(
        _ extra: [String: String] = [:], _ body: (PartitionNetwork) async throws -> Void
    ) async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "server"]) { fixture in
            let tag = String(getpid()) + String(Int.random(in: 10...99))
            let network = PartitionNetwork(fixture: fixture, tag: tag, extra: extra)
            do {
                try await network.build()
                try await body(network)
            } catch {
                await network.tearDown()
                throw error
            }
            await network.tearDown()
        }
    }

    private func name(_ host: String) -> String { "runner-\(tag)-\(host)" }

    private func build() async throws {
        try await ip("netns", "add", name("server"))
        try await ip("-n", name("server"), "link", "set", "lo", "up")
        try await ip("-n", name("server"), "address", "add", Self.server + "/32", "dev", "lo")
        for (index, host) in Self.hosts.enumerated() {
            try await ip("netns", "add", name(host))
            let (near, far) = ("s\(index)", "h\(index)")
            try await ip(
                "link", "add", near, "netns", name("server"), "type", "veth", "peer", "name", far, "netns", name(host))
            try await ip("-n", name("server"), "address", "add", "10.231.\(index + 1).1/30", "dev", near)
            try await ip("-n", name(host), "address", "add", "10.231.\(index + 1).2/30", "dev", far)
            try await ip("-n", name("server"), "link", "set", near, "up")
            try await ip("-n", name(host), "link", "set", far, "up")
            try await ip("-n", name(host), "link", "set", "lo", "up")
            try await ip("-n", name(host), "route", "add", Self.server, "via", "10.231.\(index + 1).1")
        }
        try await startServers()
    }

    private func startServers() async throws {
        let bin = try #require(Self.postgres)
        let script = """
            set -e
            mkdir -p '\(fixture.root)/pg' '\(fixture.root)/git' && chown postgres '\(fixture.root)/pg'
            cd /
            runuser -u postgres -- \(bin)/initdb -D '\(fixture.root)/pg/data' -A trust -N >/dev/null
            echo 'host all all 10.231.0.0/16 trust' >> '\(fixture.root)/pg/data/pg_hba.conf'
            setsid ip netns exec \(name("server")) runuser -u postgres -- \(bin)/postgres -D '\(fixture.root)/pg/data' \\
                -c listen_addresses=\(Self.server) -c fsync=off -k '\(fixture.root)/pg' \\
                >'\(fixture.root)/pg.log' 2>&1 </dev/null &
            for i in $(seq 300); do
                runuser -u postgres -- \(bin)/psql -h '\(fixture.root)/pg' -c 'create database runner' postgres \\
                    >/dev/null 2>&1 && break
                sleep 0.2
            done
            git init -q -b main --bare '\(fixture.root)/git/project.git'
            setsid ip netns exec \(name("server")) git daemon --reuseaddr --export-all \\
                --base-path='\(fixture.root)/git' --listen=\(Self.server) >/dev/null 2>&1 </dev/null &
            """
        let done = try await fixture.run("/bin/bash", ["-c", script])
        try #require(done.status == 0, "\(done.err)")
        let work = try await fixture.makeRepository(files: ChaosWorkload.files)
        try await fixture.git("push", "-q", fixture.root + "/git/project.git", "main", in: work)
    }

    var repository: String { "git://\(Self.server)/project.git" }

    /// Runs the built `runner` on a host, with a data folder of that host's own.
    @discardableResult
    func runner(_ host: String, _ arguments: String...) async throws -> RunnerFixture.Output {
        try await fixture.run(
            "/usr/sbin/ip", ["netns", "exec", name(host), RunnerFixture.build + "/runner"] + arguments,
            extra: variables(host))
    }

    func variables(_ host: String) -> [String: String] {
        [
            "RUNNER_HOME": "\(fixture.root)/\(host)", "RUNNER_HOST": host,
            "RUNNER_DATABASE_URL":
                "postgres://postgres@\(Self.server)/runner?sslmode=disable&connect_timeout=2",
            "RUNNER_ALLOW_INSECURE_URLS": "1", "RUNNER_ALLOW_PRIVATE_HOSTS": "1", "RUNNER_LEASE_SECONDS": "3",
            "RUNNER_TAKEOVER_AFTER": "5s", "HOST": host,
        ].merging(extra) { $1 }
    }

    /// Whether a process was started on behalf of a host.
    func isProcess(_ process: ChaosProcess, of host: String) -> Bool {
        String(decoding: ChaosProcess.read("/proc/\(process.pid)/environ", limit: 1 << 16), as: UTF8.self)
            .contains("RUNNER_HOME=\(fixture.root)/\(host)")
    }

    /// Cuts a host off, or joins it again.
    func setLink(_ host: String, up: Bool) async throws {
        let index = try #require(Self.hosts.firstIndex(of: host))
        try await ip("-n", name("server"), "link", "set", "s\(index)", up ? "up" : "down")
    }

    /// All processes of a host's namespace, killed at once, as when its machine loses its power.
    func destroy(_ host: String) async throws {
        let pids = try await fixture.run("/usr/sbin/ip", ["netns", "pids", name(host)])
        for pid in pids.out.split(separator: "\n").compactMap({ pid_t($0) }) { kill(pid, SIGKILL) }
    }

    private func ip(_ arguments: String...) async throws {
        let done = try await fixture.run("/usr/sbin/ip", arguments)
        try #require(done.status == 0, "ip \(arguments.joined(separator: " ")): \(done.err)")
    }

    private func tearDown() async {
        for host in Self.hosts + ["server"] {
            for _ in 0..<20 {
                try? await destroy(host)
                let left = try? await fixture.run("/usr/sbin/ip", ["netns", "pids", name(host)])
                if left?.out.isEmpty ?? true { break }
                try? await Task.sleep(for: .milliseconds(100))
            }
            _ = try? await fixture.run("/usr/sbin/ip", ["netns", "delete", name(host)])
        }
        for process in ChaosProcess.all() where process.command.contains(fixture.root) { process.send(SIGKILL) }
    }
}
