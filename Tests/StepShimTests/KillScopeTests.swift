import Foundation
import Glibc
import TestSupport
import Testing

@testable import Engine

/// Cancelling ends every descendant, with a cgroup and without one.
@Suite(.timeLimit(.minutes(30)))
struct KillScopeTests {
    /// Whether this machine lets the tests make a cgroup, so that the stronger scope is what is tested.
    private static let hasCgroups: Bool = {
        let mounts = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
        let own = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
        guard let line = own.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }),
            let mount = mounts.split(separator: "\n").first(where: { $0.contains(" - cgroup2 ") })
        else { return false }
        let folder = String(mount.split(separator: " ")[4]) + line.dropFirst(3) + "/runner-test-\(getpid())"
        guard mkdir(folder, 0o755) == 0 else { return false }
        defer { rmdir(folder) }
        return access(folder + "/cgroup.kill", W_OK) == 0
    }()

    /// Everything that has ever got away: deaf, forked twice, in sessions of their own, without the marker, holding the
    /// pipe, and one that forks new ones all the time. `token` is in the arguments of each.
    private static func brood(_ token: String) -> String {
        """
        deaf='trap "" TERM INT HUP QUIT; sleep \(token) & exec sleep \(token)'
        setsid sh -c "$deaf" &
        setsid sh -c "sh -c '$deaf' & exit 0" &
        setsid env -i /bin/sh -c "PATH=/bin:/usr/bin; $deaf" &
        (sh -c "$deaf" &)
        setsid sh -c 'trap "" TERM; n=0; while [ $n -lt 3000 ]; do sh -c "exec sleep \(token)" & n=$((n+1)); sleep 0.01; done' &
        exec sleep \(token)
        """
    }

    /// Processes whose arguments hold `token`; independent of everything the shim goes by.
    private static func processes(_ token: String) -> [Int32] {
        let pids = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
        return pids.filter { pid in
            guard isAlive(pid), let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else {
                return false
            }
            return line.range(of: Data(token.utf8)) != nil
        }
    }

    private struct Race {
        let number: Int
        let delay: Int
        let isHard: Bool
        let token: String
    }

    /// Starts an attempt, cancels it at a random moment and returns how long its processes outlived the grace time.
    private static func race(_ race: Race, cgroup: Bool) async throws -> Duration {
        let fixture = try ShimFixture()
        var spec = fixture.spec(brood(race.token))
        let grace = Duration.milliseconds(50)
        spec.stopStages = [.terminate(grace: grace)]
        spec.usesCgroup = cgroup
        let running = try fixture.launcher.launch(spec, in: fixture.attempt)
        try await Task.sleep(for: .microseconds(race.delay))
        let asked = ContinuousClock.now
        try running.cancel(hard: race.isHard)
        let exit = try await running.waitForExit()
        let over = ContinuousClock.now - asked - (race.isHard ? .zero : grace)
        #expect(processes(race.token).isEmpty, "race \(race.number)")
        #expect(exit.reason == .cancelled, "race \(race.number)")
        #expect(exit.survivorsLeft == 0)
        if exit.killScope != nil { #expect(exit.killScope == (cgroup ? "cgroup" : "subreaper")) }
        return over
    }

    private func campaign(cgroup: Bool) async throws {
        let environment = ProcessInfo.processInfo.environment
        let isLong = environment["RUNNER_LONG_TESTS"] == "1"
        let seed = environment["RUNNER_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)
        var generator = SeededGenerator(seed: seed)
        let races = (0..<(isLong ? 1000 : 20)).map { number in
            Race(
                number: number, delay: Int.random(in: 0...60_000, using: &generator),
                isHard: Int.random(in: 0..<3, using: &generator) == 0, token: "31536.\(seed)\(getpid())\(number)")
        }
        let longest = try await withThrowingTaskGroup(of: Duration.self) { group in
            var longest = Duration.zero
            for (index, race) in races.enumerated() {
                if index >= 3, let next = try await group.next() { longest = max(longest, next) }
                group.addTask { try await KillScopeTests.race(race, cgroup: cgroup) }
            }
            for try await next in group { longest = max(longest, next) }
            return longest
        }
        // Two seconds are promised for a machine of its own; a test run shares its cores.
        #expect(longest < (isLong ? .seconds(2) : .seconds(20)), "RUNNER_SEED=\(seed)")
        if isLong {
            let line = "\(races.count) races, cgroup \(cgroup), seed \(seed): longest \(longest) after grace\n"
            FileHandle.standardError.write(Data(line.utf8))
        }
    }

    @Test("Attempts that are cancelled at any moment leave no process, with a cgroup", .enabled(if: hasCgroups))
    func racesWithCgroup() async throws {
        try await campaign(cgroup: true)
    }

    @Test("Attempts that are cancelled at any moment leave no process, without a cgroup")
    func racesWithoutCgroup() async throws {
        try await campaign(cgroup: false)
    }

    @Test("The control: with the shim asleep and only the group killed, the brood lives on")
    func control() async throws {
        let fixture = try ShimFixture()
        let token = "31536.\(getpid())\(Int.random(in: 0...999_999))"
        let running = try fixture.launcher.launch(
            fixture.spec(KillScopeTests.brood(token)), in: fixture.attempt)
        try await eventually("the brood is there") { KillScopeTests.processes(token).count > 8 }
        let identity = try #require(try AttemptIdentity.read(from: fixture.attempt))
        kill(identity.shimPID, SIGSTOP)
        kill(-identity.commandPID, SIGKILL)
        try await eventually("the command is dead") { !isAlive(identity.commandPID) }
        #expect(!KillScopeTests.processes(token).isEmpty)
        kill(identity.shimPID, SIGCONT)
        _ = try await running.waitForExit()
        #expect(KillScopeTests.processes(token).isEmpty)
    }

    @Test("A cgroup is made for an attempt, holds its processes and is gone with it", .enabled(if: hasCgroups))
    func cgroupLife() async throws {
        let fixture = try ShimFixture()
        let running = try fixture.launcher.launch(
            fixture.spec("setsid sleep 300 & echo $$ > ready; sleep 300"), in: fixture.attempt)
        let command = try await fixture.pid("ready")
        let identity = try #require(try AttemptIdentity.read(from: fixture.attempt))
        let folder = try #require(identity.cgroup)
        let members = try String(contentsOfFile: folder + "/cgroup.procs", encoding: .utf8).split(separator: "\n")
        #expect(members.contains("\(command)"))
        #expect(!members.contains("\(identity.shimPID)"))
        try running.cancel()
        let exit = try await running.waitForExit()
        #expect(exit.killScope == "cgroup")
        #expect(exit.stopSignals == [Int(SIGTERM)])
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test("What a killed shim leaves in its cgroup is ended by whoever finds it", .enabled(if: hasCgroups))
    func lostWithCgroup() async throws {
        let fixture = try ShimFixture()
        let token = "31536.\(getpid())\(Int.random(in: 0...999_999))"
        // Without the marker and orphaned: only the cgroup knows whose it is.
        let script = "setsid env -i /bin/sh -c 'trap \"\" TERM; exec /bin/sleep \(token)' & echo $$ > ready; sleep 300"
        let running = try fixture.launcher.launch(fixture.spec(script), in: fixture.attempt)
        _ = try await fixture.pid("ready")
        try await eventually("the orphan is there") { !KillScopeTests.processes(token).isEmpty }
        let identity = try #require(try AttemptIdentity.read(from: fixture.attempt))
        kill(identity.shimPID, SIGKILL)
        let exit = try await running.waitForExit()
        #expect(exit.reason == .lost)
        #expect(exit.killScope == "cgroup")
        #expect(KillScopeTests.processes(token).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: try #require(identity.cgroup)))
    }

    @Test(
        "With its worker dead the shim alone ends a command that runs or is silent too long", arguments: [true, false])
    func timeoutsWithoutWorker(isWall: Bool) async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec("touch ready; exec sleep 300")
        if isWall { spec.wallTimeout = .milliseconds(1500) } else { spec.idleTimeout = .milliseconds(1500) }
        try spec.write(to: fixture.attempt)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [directory = fixture.attempt as String, root = fixture.root as String] in
            let running = try ShimLauncher.besideThisProgram().launch(in: directory)
            try await eventually("the command runs") { FileManager.default.fileExists(atPath: root + "/ready") }
            kill(getpid(), SIGKILL)
            withExtendedLifetime(running) {}
        }
        try await eventually("the end is recorded", within: .seconds(60)) {
            try AttemptExit.read(from: fixture.attempt) != nil
        }
        let exit = try #require(try AttemptExit.read(from: fixture.attempt))
        #expect(exit.reason == (isWall ? .timedOutWall : .timedOutIdle))
        #expect(fixture.markedProcesses().isEmpty)
    }
}
