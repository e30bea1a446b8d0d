import BlockingIO
import Foundation
import Postgres
import RunnerCore
package import Store

/// The data folder and the database of one user, opened: every service of the engine hangs on it.
package struct Workspace: Sendable {
    package static let version = "0.1.0"

    package let settings: RunnerSettings
    package let home: RunnerHome
    package let store: Store
    let lane: BlockingLane
    private let storage: Storage

    /// Prepares the data folder, starts the private cluster where it is needed, and checks the schema.
    package static func open(_ settings: RunnerSettings) async throws -> Workspace {
        try await open(settings, takesSpareSessions: false)
    }

    private static func open(_ settings: RunnerSettings, takesSpareSessions: Bool) async throws -> Workspace {
        let home = try settings.home.prepare()
        let storage = try await Storage.open(settings, home: home, takesSpareSessions: takesSpareSessions)
        return Workspace(
            settings: settings, home: home, store: storage.store, lane: BlockingLane(label: "runner.lane"),
            storage: storage)
    }

    /// The same where everything is there and runs already, else nil: nothing is made or started for it.
    ///
    /// For somebody who waits: where a daemon has a session of the database ready, that one is used.
    package static func openRunning(_ settings: RunnerSettings) async throws -> Workspace? {
        guard settings.home.isPrepared, Storage.isRunning(settings) else { return nil }
        return try await open(settings, takesSpareSessions: true)
    }

    /// Lets go of the database; the private cluster goes on and stops by itself when it is idle.
    package func close() async {
        await storage.close()
    }

    /// The same with a lane of its own, so that one run's work on a large tree keeps no other run waiting.
    func onOwnLane() -> Workspace {
        Workspace(
            settings: settings, home: home, store: store, lane: BlockingLane(label: "runner.run"), storage: storage)
    }

    package var repositories: Repositories {
        Repositories(settings: settings, home: home, store: store, lane: lane)
    }

    package var workflows: WorkflowFinder {
        WorkflowFinder(
            catalog: WorkflowCatalog(environment: settings.environment), store: store, home: home, lane: lane)
    }

    var environments: Environments { Environments(settings: settings, home: home, store: store, lane: lane) }

    var results: Results { Results(workspace: self) }

    var janitor: Janitor { Janitor(workspace: self) }

    /// Starts the private cluster again when it has gone; does nothing for a server.
    func reviveDatabase() async throws {
        try await storage.revive(settings, home: home)
    }

    /// A store with a connection of its own, which the caller closes: what a worker says of itself must not wait behind
    /// the output of its steps.
    func ownStore(_ name: String) -> (store: Store, client: PostgresClient) {
        let client = PostgresClient(storage.target, applicationName: name)
        return (Store(unchecked: client), client)
    }

    var databaseTarget: ConnectionTarget { storage.target }

    func stepRunner(author: CommitAuthor, control: RunControl, cause: WalkCause) throws -> StepRunner {
        StepRunner(
            home: home, store: store, launcher: try shim(), lane: lane, callerEnvironment: settings.environment,
            author: author, control: control, cause: cause, lifeLine: settings.storage == .server ? home.lifeLine : nil,
            prices: try PriceList.load(environment: settings.environment))
    }

    /// Throws where no step could be run here, whatever it is.
    func checkTools() throws {
        _ = try shim()
        _ = try PriceList.load(environment: settings.environment)
    }

    /// The supervisor program beside this one.
    func shim() throws -> ShimLauncher {
        if let path = settings.environment["RUNNER_SHIM"], !path.isEmpty { return ShimLauncher(program: path) }
        do {
            return try ShimLauncher.besideThisProgram()
        } catch {
            throw EngineError(
                .shimMissing, "runner-shim is not beside the program runner", hint: "install both with make install")
        }
    }
}
