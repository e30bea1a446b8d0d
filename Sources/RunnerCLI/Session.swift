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
    /// With `tidies`, a few environments whose deadline has passed are removed afterwards, in passing.
    static func with<T: Sendable>(
        tidies: Bool = false, _ body: @Sendable (Workspace) async throws -> T
    ) async throws -> T {
        let workspace = try await Workspace.open(try settings())
        do {
            let value = try await body(workspace)
            if tidies { await workspace.tidyInPassing() }
            await workspace.close()
            return value
        } catch {
            await workspace.close()
            throw error
        }
    }
}
