import Foundation
package import RunnerCore
package import Store

extension Workspace {
    /// Works on this host's runs until it is told to stop; what runs then goes on under its shims.
    ///
    /// `stop` ends it, its second wish at once; `drain` has it finish what runs and take nothing more.
    package func serve(
        _ options: ServeOptions, stop: Cancellation, drain: Cancellation, tell: @escaping @Sendable (ServeEvent) -> Void
    ) async throws {
        try checkTools()
        try await Daemon(workspace: self, options: options, stop: stop, drain: drain, tell: tell).run()
    }

    /// Starts a daemon in the background unless one serves; `arguments` are those of the command that serves.
    package func serveInBackground(_ arguments: [String]) async throws -> (session: SessionRecord, isNew: Bool) {
        try checkTools()
        return try await BackgroundDaemon(workspace: self).ensure(arguments)
    }

    /// Every worker with what it is at work on, newest first; with `all` those that have ended as well.
    package func sessions(all: Bool) async throws -> [SessionSummary] {
        try await store.sessionSummaries(all: all)
    }

    /// Whether a session's process is gone although its lease still holds; only this host's can be looked at.
    package static func isGone(_ session: SessionRecord) -> Bool {
        session.host == HostIdentity.hostname && Rescuer.isGone(session)
    }
}
