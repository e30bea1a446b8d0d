import Foundation
import Glibc
import Postgres
import Subprocess
import Testing

/// A data folder under fire: its processes by kind, its worker that is started again whenever it ends.
struct ChaosHome: Sendable {
    let fixture: RunnerFixture
    let repository: String
    let workflow: String

    /// A home with a durable database, short leases, a repository and the workload.
    static func with(
        pause: Double = 0.15, _ variables: [String: String] = [:], _ body: @Sendable (ChaosHome) async throws -> Void
    ) async throws {
        var all = ["RUNNER_STORAGE": "local", "RUNNER_LEASE_SECONDS": "3"]
        all.merge(variables) { $1 }
        try await RunnerFixture.with(all) { fixture in
            let repository = try await fixture.makeRepository(files: ChaosWorkload.files)
            let workflow = fixture.root + "/chaos.yaml"
            try fixture.write(ChaosWorkload.workflow(pause: pause), to: workflow)
            let home = ChaosHome(fixture: fixture, repository: repository, workflow: workflow)
            do {
                try await body(home)
            } catch {
                await home.killAll()
                throw error
            }
            await home.killAll()
        }
    }

    /// Ends whatever a failed test left, so that nothing of it disturbs the next.
    func killAll() async {
        for _ in 0..<100 {
            let left = mine(ChaosProcess.all()).filter { !$0.command.hasPrefix("postgres") }
            if left.isEmpty { return }
            for process in left { process.send(SIGKILL) }
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Processes that were started on this home's behalf.
    func mine(_ all: [ChaosProcess]) -> [ChaosProcess] {
        all.filter { process in
            guard process.pid != getpid() else { return false }
            if process.command.contains(fixture.root) { return true }
            let environment = ChaosProcess.read("/proc/\(process.pid)/environ", limit: 1 << 16)
            return String(decoding: environment, as: UTF8.self).contains(fixture.root)
        }
    }

    /// The living processes of one kind.
    func processes(_ target: ChaosTarget) -> [ChaosProcess] {
        let all = ChaosProcess.all()
        switch target {
        case .daemon: return runners(all, "serve")
        case .foreground: return runners(all, "start")
        case .keeper: return runners(all, "db keep")
        case .shim: return shims(all)
        case .step: return commands(of: shims(all), all)
        case .postmaster: return postmaster(all)
        case .backend:
            let server = Set(postmaster(all).map(\.pid))
            return all.filter { server.contains($0.parent) && $0.command.contains("runner runner") }
        }
    }

    private func runners(_ all: [ChaosProcess], _ word: String) -> [ChaosProcess] {
        mine(all.filter { $0.command.contains("/runner \(word)") && !$0.command.contains("runner-shim") })
    }

    private func shims(_ all: [ChaosProcess]) -> [ChaosProcess] {
        all.filter { $0.command.contains("runner-shim") && $0.command.contains(fixture.root) }
    }

    /// The command of each shim. What it started itself is left alone: that a shell's command was killed is a failure of
    /// the step like any other.
    private func commands(of shims: [ChaosProcess], _ all: [ChaosProcess]) -> [ChaosProcess] {
        let supervisors = Set(shims.map(\.pid))
        return all.filter { supervisors.contains($0.parent) && !supervisors.contains($0.pid) }
    }

    private func postmaster(_ all: [ChaosProcess]) -> [ChaosProcess] {
        let places = ["\(fixture.home)/postgres/data/postmaster.pid"]
        return places.compactMap { place -> ChaosProcess? in
            guard let text = try? String(contentsOfFile: place, encoding: .utf8),
                let pid = text.split(separator: "\n").first.flatMap({ pid_t(String($0)) })
            else { return nil }
            return ChaosProcess(pid)
        }
    }

    /// How many workers of one open run died since an attempt of it ended, at most; nil while the database is away.
    func mostDeaths() async -> Int? {
        let place = "host='\(fixture.home)/postgres/run' user=runner dbname=runner connect_timeout=2"
        guard let target = try? ConnectionTarget(place) else { return nil }
        let client = PostgresClient(target, applicationName: "chaos probe")
        let row = try? await client.query(
            "select coalesce(max(takeovers), 0) as deaths from runner.runs where status in ('queued', 'running')"
        ).first
        await client.close()
        return try? row?.decode("deaths")
    }

    /// Keeps a worker serving until the task is cancelled, as systemd would.
    func keepServing(_ count: Int = 1) -> Task<Void, Never> {
        Task {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        while !Task.isCancelled {
                            _ = try? await fixture.runner("serve", "--quiet")
                            try? await Task.sleep(for: .milliseconds(200))
                        }
                    }
                }
            }
        }
    }

    /// As a person would, with SIGTERM; a worker that does not end shows in the complaints.
    func stopWorkers() async {
        var quiet = 0
        for _ in 0..<600 {
            let left = processes(.daemon) + processes(.foreground)
            // A guard may just be starting another one.
            quiet = left.isEmpty ? quiet + 1 : 0
            if quiet > 5 { return }
            for process in processes(.daemon) { process.send(SIGTERM) }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Copies the data folder to `RUNNER_CHAOS_KEEP`, where one is named: its database says what went wrong.
    func keep() async throws {
        guard let place = ProcessInfo.processInfo.environment["RUNNER_CHAOS_KEEP"] else { return }
        try await fixture.run("/bin/cp", ["-a", fixture.root, place])
    }

    /// Starts a task; nil when the database or the starter was killed before there was one.
    ///
    /// The title finds a task whose number got lost on the way.
    func start(_ title: String, detached: Bool) async throws -> Int? {
        let arguments =
            ["start", repository, "work", "--title", title, "--workflow", workflow, "--json"]
            + (detached ? ["--detach"] : [])
        _ = try await fixture.run(RunnerFixture.build + "/runner", arguments)
        return try await number(of: title)
    }

    /// The task with this title; asks until the database answers.
    func number(of title: String) async throws -> Int? {
        struct Row: Decodable {
            let number: Int
            let title: String
        }
        for _ in 0..<200 {
            let listed = try await fixture.runner("list", "--json", "--limit", "100000")
            if listed.status == 0 { return try listed.json([Row].self).first { $0.title == title }?.number }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("the database did not answer within many tries")
        return nil
    }
}
