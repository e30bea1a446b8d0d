import Foundation
import Glibc
import Testing

@testable import Postgres

@Suite("Private cluster", .serialized, .timeLimit(.minutes(5)))
struct LocalClusterTests {
    @Test("It is made, started, reported, stopped and removed, and leaves no process")
    func lifeCycle() async throws {
        try await withFolder { directory in
            let cluster = LocalCluster(directory: directory)
            #expect(try cluster.status().state == .notCreated)
            #expect(!ClusterFiles.exists(directory))
            let target = try await cluster.ensureRunning()
            let row = try #require(
                try await answer(
                    target,
                    """
                    select current_user as role, current_database() as database, pg_encoding_to_char(encoding) as encoding,
                        datcollate as collation, current_setting('fsync') as fsync, current_setting('listen_addresses') as tcp
                    from pg_database where datname = current_database()
                    """
                ).first)
            for (column, value) in [
                "role": "runner", "database": "runner", "encoding": "UTF8", "collation": "C", "fsync": "on", "tcp": "",
            ] {
                #expect(try row.decode(column, as: String.self) == value)
            }
            let status = try cluster.status()
            #expect(status.state == .running)
            #expect(status.sizeBytes > 1_000_000)
            #expect(FolderStatus(status.dataDirectory)?.mode == 0o700)
            #expect(FolderStatus(try #require(status.socketDirectory))?.mode == 0o700)
            let pid = try #require(status.pid)
            try await cluster.stop()
            #expect(!ProcessState.isAlive(pid))
            #expect(try cluster.status().state == .stopped)
            try await cluster.stop()
            try await cluster.destroy()
            #expect(!ClusterFiles.exists(directory))
            #expect(!ClusterFiles.exists(status.dataDirectory))
        }
    }

    @Test("Data outlives a stop, and a call while it runs costs less than a millisecond")
    func persistence() async throws {
        try await withFolder { directory in
            let cluster = LocalCluster(directory: directory)
            _ = try await answer(try await cluster.ensureRunning(), "create table kept as select 42 as n")
            try await cluster.stop()
            let target = try await cluster.ensureRunning()
            #expect(try await answer(target, "select n from kept").first?.decode("n", as: Int.self) == 42)
            var best = Duration.seconds(1)
            for _ in 0..<50 {
                let start = ContinuousClock.now
                _ = try await cluster.ensureRunning()
                best = min(best, ContinuousClock.now - start)
            }
            #expect(best < .milliseconds(1))
        }
    }

    @Test("Twenty processes at once get one server, with three connections each")
    func manyProcesses() async throws {
        try await withFolder { directory in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        await #expect(processExitsWith: .success) { [directory = directory as String] in
                            let cluster = LocalCluster(directory: directory, durability: .throwaway)
                            let target = try await cluster.ensureRunning()
                            let clients = (0..<3).map { PostgresClient(target, applicationName: "client \($0)") }
                            for client in clients { _ = try await client.query("select 1") }
                            let rows = try await clients[0].query("select pg_postmaster_start_time()::text as start")
                            print(try rows[0].decode("start", as: String.self))
                        }
                    }
                }
            }
            let starts =
                try String(contentsOfFile: ClusterLayout(directory: directory).log, encoding: .utf8)
                .components(separatedBy: "ready to accept connections").count - 1
            #expect(starts == 1)
        }
    }

    @Test("After a kill -9 of the server the next call starts it again, with all that was committed")
    func killed() async throws {
        try await withFolder { directory in
            let cluster = LocalCluster(directory: directory)
            let target = try await cluster.ensureRunning()
            _ = try await answer(target, "create table kept as select 42 as n")
            let client = PostgresClient(target, applicationName: "survivor")
            _ = try await client.query("select 1")
            let pid = try #require(try cluster.status().pid)
            kill(pid, SIGKILL)
            let isDead = try await eventually { !ProcessState.isAlive(pid) }
            #expect(isDead)
            let again = try await cluster.ensureRunning()
            #expect(try await answer(again, "select n from kept").count == 1)
            #expect(try await client.query("select n from kept").count == 1)
            #expect(try cluster.status().pid != pid)
            await client.close()
        }
    }

    @Test("A socket that was cleaned away is replaced")
    func cleanedSocket() async throws {
        try await withFolder { directory in
            let cluster = quick(directory)
            _ = try await cluster.ensureRunning()
            try ClusterFiles.remove(try #require(try cluster.status().socketDirectory))
            #expect(try await answer(try await cluster.ensureRunning(), "select 1").count == 1)
        }
    }

    @Test("A stale process number that now belongs to another program of the same user stops nothing")
    func recycledProcessNumber() async throws {
        try await withFolder { directory in
            let cluster = quick(directory)
            _ = try await cluster.ensureRunning()
            let layout = ClusterLayout(directory: directory)
            let owner = try await ClusterOwner.resolve(data: layout.data)
            kill(try #require(PostmasterFile(layout.postmasterFile)).pid, SIGKILL)
            let stranger = try await DetachedProcess.start(
                ["/bin/sleep", "300"], as: owner, environment: [:], log: layout.base + "/stranger")
            defer { kill(stranger, SIGKILL) }
            let file = try #require(ClusterFiles.read(layout.postmasterFile))
            let lines = file.split(separator: "\n", omittingEmptySubsequences: false)
            let handle = try #require(FileHandle(forWritingAtPath: layout.postmasterFile))
            try handle.truncate(atOffset: 0)
            handle.write(Data(([Substring("\(stranger)")] + lines.dropFirst()).joined(separator: "\n").utf8))
            try handle.close()

            try ClusterFiles.remove(layout.base + "/run")

            // Without the allowance the server refuses.
            let binaries = try await ClusterBinaries.find(major: nil, environment: [:])
            let refused = try await DetachedProcess.start(
                [binaries.postgres]
                    + ClusterSettings.arguments(layout, socketDirectory: layout.base + "/run", durability: .throwaway),
                as: owner, environment: ClusterSettings.environment, log: layout.base + "/refusal")
            #expect(try await eventually { !ProcessState.isAlive(refused) })
            #expect(ClusterFiles.read(layout.base + "/refusal")?.contains("already exists") == true)

            #expect(try await answer(try await cluster.ensureRunning(), "select 1").count == 1)
            #expect(ProcessState.isAlive(stranger))
        }
    }

    @Test("An idle server is stopped by its keeper, and not while anyone uses it")
    func idleStop() async throws {
        try await withFolder { directory in
            let cluster = quick(directory, idleStop: .milliseconds(300))
            var target: ConnectionTarget? = try await cluster.ensureRunning()
            let pid = try #require(try cluster.status().pid)
            let keeping = Task { try await cluster.keepUntilIdle() }
            // The lease alone holds it: three idle times pass.
            #expect(try await !eventually(within: .milliseconds(900)) { !ProcessState.isAlive(pid) })
            let folder = try #require(FolderStatus(try cluster.status().dataDirectory))
            let owner = try #require(OSUser.withID(folder.owner))
            let host = try #require(target?.parameters["host"])
            let client = PostgresClient(
                LocalCluster.target(socketDirectory: host, owner: owner, lease: nil),
                applicationName: "knows no lease")
            _ = try await client.query("select 1")
            target = nil
            // So does a connection without lease.
            #expect(try await !eventually(within: .milliseconds(900)) { !ProcessState.isAlive(pid) })
            await client.close()
            #expect(try await eventually { !ProcessState.isAlive(pid) })
            try await keeping.value
        }
    }

    @Test("Calls that meet a stopping server get a running one", .timeLimit(.minutes(2)))
    func idleStopRace() async throws {
        try await withFolder { directory in
            let cluster = LocalCluster(directory: directory, idleStop: .milliseconds(1))
            for _ in 0..<15 {
                let keeping = Task {
                    _ = try await cluster.ensureRunning()
                    try await cluster.keepUntilIdle()
                }
                for _ in 0..<4 {
                    #expect(try await answer(try await cluster.ensureRunning(), "select 1").count == 1)
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0...40)))
                }
                try await keeping.value
            }
        }
    }

    @Test("The keeper command is started with the server, and again when it is gone")
    func keeperCommand() async throws {
        try await withFolder { directory in
            let mark = FilePathText.parent(directory) + "/mark"
            let cluster = quick(directory, idleStop: .seconds(60), keeper: ["/bin/sh", "-c", "echo kept >> \(mark)"])
            for count in 1...2 {
                _ = try await cluster.ensureRunning()
                let isMarked = try await eventually {
                    ClusterFiles.read(mark) == String(repeating: "kept\n", count: count)
                }
                #expect(isMarked)
            }
        }
    }

    @Test("A throwaway cluster is gone after its closure, also when that throws")
    func throwaway() async throws {
        struct Stop: Error {}
        let seen = Task {
            var host = ""
            do {
                try await LocalCluster.withThrowaway { target in
                    host = target.parameters["host"] ?? ""
                    #expect(try await answer(target, "show fsync").first?.decode("fsync", as: String.self) == "off")
                    throw Stop()
                }
            } catch is Stop {}
            return host
        }
        let host = try await seen.value
        #expect(!host.isEmpty)
        #expect(!ClusterFiles.exists(host))
    }
}
