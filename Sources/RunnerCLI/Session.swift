import Engine
import Foundation
import RunnerCore

/// Opens the data folder and the database for one command and closes them after it, whatever happened.
enum Session {
    static func settings() throws -> RunnerSettings {
        try RunnerSettings(environment: ProcessInfo.processInfo.environment)
    }

    /// Runs `body` with an open workspace.
    ///
    /// With `tidies`, a few environments whose deadline has passed are removed afterwards, in passing, also
    /// when `body` throws. A command that leaves its run to a daemon need not: that one does all this.
    static func with<T: Sendable>(
        tidies: Bool = false, _ body: @Sendable (Workspace) async throws -> T
    ) async throws -> T {
        let workspace: Workspace
        if let early = try await EarlyOpening.take() {
            workspace = early
        } else {
            workspace = try await Workspace.open(try settings())
        }
        let value: T
        do {
            value = try await body(workspace)
        } catch {
            await end(workspace, tidies: tidies)
            throw error
        }
        await end(workspace, tidies: tidies)
        return value
    }

    private static func end(_ workspace: Workspace, tidies: Bool) async {
        if tidies { await workspace.tidyInPassing() }
        await workspace.close()
    }
}
