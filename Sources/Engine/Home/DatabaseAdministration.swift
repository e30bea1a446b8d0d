package import Foundation
import Glibc
import Postgres
import RunnerCore
package import Store

/// What `runner db` does: the private cluster's life, and the schema.
package struct DatabaseAdministration: Sendable {
    private let settings: RunnerSettings

    package init(settings: RunnerSettings) {
        self.settings = settings
    }

    /// What is known of the database.
    package struct Status: Sendable, Codable {
        package struct Migration: Sendable, Codable {
            package let version: Int
            package let name: String
            package let state: String
            package let appliedAt: Date?

            init(_ status: MigrationStatus) {
                version = status.version
                name = status.name
                switch status.state {
                case .applied(let moment): (state, appliedAt) = ("applied", moment)
                case .pending: (state, appliedAt) = ("pending", nil)
                case .changed(let moment): (state, appliedAt) = ("changed", moment)
                case .unknown(let moment): (state, appliedAt) = ("unknown", moment)
                }
            }
        }

        package var storage: String
        package var state: String
        package var version: String?
        package var directory: String?
        package var socket: String?
        package var sizeBytes: Int?
        package var migrations: [Migration]?
    }

    /// Starts nothing: a stopped cluster is reported as stopped.
    package func status() async throws -> Status {
        var status = Status(storage: settings.storage.rawValue, state: "running")
        if settings.storage != .server {
            let known = try cluster().status()
            status.state = known.state == .notCreated ? "not created" : known.state.rawValue
            status.version = known.version
            status.directory = known.dataDirectory
            status.socket = known.socketDirectory
            status.sizeBytes = known.sizeBytes
            guard known.state == .running else { return status }
        }
        status.migrations = try await withMigrator { migrator in
            try await migrator.status().map(Status.Migration.init)
        }
        return status
    }

    package func start() async throws -> Status {
        try requirePrivate("start")
        let home = try settings.home.prepare()
        let storage = try await Storage.open(settings, home: home, takesSpareSessions: false)
        await storage.close()
        return try await status()
    }

    /// Refused while a run is going on, unless `force`.
    package func stop(force: Bool = false) async throws -> Status {
        try requirePrivate("stop")
        if !force { try await refuseWhileRunning() }
        await endDaemons()
        try await endCluster()
        return try await status()
    }

    /// Stops the daemons in good order: they would start the server again. Never fails; waits 20 s at most.
    @inline(never)
    private func endDaemons() async {
        guard (try? cluster().status().state) == .running else { return }
        let found = try? await withMigrator { migrator in
            try await Store(unchecked: migrator.client).servingSessions(host: HostIdentity.hostname)
        }
        let daemons = (found ?? []).filter { HostIdentity.isRunning($0) }
        for daemon in daemons { kill(pid_t(daemon.processID), SIGTERM) }
        let end = ContinuousClock.now + .seconds(20)
        while daemons.contains(where: { HostIdentity.isRunning($0) }), ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// What is held in memory ends with its server.
    ///
    /// Not inlined: the optimiser of Swift 6.3.1 crashes ("splitting coroutine") where both calls are in `stop`.
    @inline(never)
    private func endCluster() async throws {
        let cluster = try cluster()
        guard settings.storage == .memory else { return try await cluster.stop() }
        try await cluster.destroy()
    }

    @inline(never)
    private func refuseWhileRunning() async throws {
        guard try cluster().status().state == .running else { return }
        let numbers = try await withMigrator { migrator -> [Int] in
            let store = Store(unchecked: migrator.client)
            // A database without a schema has no runs either.
            guard let runs = try? await store.tasks(TaskFilter(statuses: [.running])) else { return [] }
            let dead = Set(
                try await store.abandonedRuns(host: HostIdentity.hostname)
                    .filter { $0.1.map(Rescuer.isGone) ?? true }.map(\.0.taskID))
            return runs.filter { !dead.contains($0.task.id) }.map(\.task.number)
        }
        guard let first = numbers.first else { return }
        throw EngineError(
            .wrongState, "task \(first) is running\(numbers.count > 1 ? ", and \(numbers.count - 1) more" : "")",
            hint: "cancel it first, or stop the database with --force")
    }

    /// What the keeper process does until the cluster is idle.
    package func keepUntilIdle() async throws {
        guard settings.storage != .server else { return }
        try await cluster().keepUntilIdle()
    }

    package func migrate(dryRun: Bool) async throws -> [String] {
        try await withMigrator { try await $0.migrate(dryRun: dryRun).map(DatabaseAdministration.label) }
    }

    /// Throws `wrongState` where there are tasks, unless `force`: their history is in the tables that go.
    package func revert(_ count: Int, force: Bool) async throws -> [String] {
        if !force { try await refuseWithTasks() }
        return try await withMigrator { try await $0.revert(count).map(DatabaseAdministration.label) }
    }

    @inline(never)
    private func refuseWithTasks() async throws {
        let hasTasks = try await withMigrator { migrator in
            // A database without a schema has no tasks either.
            ((try? await Store(unchecked: migrator.client).tasks(TaskFilter(limit: 1))) ?? []).isEmpty == false
        }
        guard hasTasks else { return }
        throw EngineError(
            .wrongState, "there are tasks, and their history would be deleted with the tables",
            hint: "save it with pg_dump, then say --force")
    }

    package func validate() async throws -> [SchemaCheck] {
        try await withMigrator { try await $0.validate() }
    }

    /// Writes an empty pair of files; returns their paths.
    package static func newMigration(_ name: String, in directory: String) throws -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory, isDirectory: &isFolder), isFolder.boolValue else {
            throw EngineError(.invalidArgument, "there is no folder \"\(directory)\"", hint: "name it with --directory")
        }
        let versions = try FileManager.default.contentsOfDirectory(atPath: directory).compactMap { file in
            Int(file.prefix { $0.isNumber })
        }
        let new = try NewMigration(version: (versions.max() ?? 0) + 1, name: name)
        let paths = [(new.upFile, new.upText), (new.downFile, new.downText)]
        for (file, text) in paths {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(file)"), options: .withoutOverwriting)
        }
        return paths.map { "\(directory)/\($0.0)" }
    }

    private static func label(_ migration: Migration) -> String {
        let number = String(migration.version)
        return String(repeating: "0", count: max(0, 4 - number.count)) + number + "_" + migration.name
    }

    private func cluster() throws -> LocalCluster {
        let real = settings.home.root.withCString { realpath($0, nil) }
        defer { free(real) }
        let home = real.map { RunnerHome(root: String(cString: $0)) } ?? settings.home
        return Storage.cluster(settings, home: home)
    }

    private func requirePrivate(_ verb: String) throws {
        guard settings.storage != .server else {
            throw EngineError(
                .wrongState, "the database is a server of its own",
                hint: "\(verb) it there, or unset RUNNER_DATABASE_URL")
        }
    }

    private func withMigrator<T: Sendable>(_ body: @Sendable (Migrator) async throws -> T) async throws -> T {
        let home = try settings.home.prepare()
        let client = try await Storage.connect(settings, home: home)
        do {
            let value = try await body(Migrator(client))
            await client.close()
            return value
        } catch {
            await client.close()
            throw error
        }
    }
}
