import BlockingIO
import Foundation
import Git
import RunnerCore
import Store

extension Janitor {
    /// What somebody does in a worktree, and how long that keeps it.
    struct Activity: Sendable {
        let until: Date
        /// A sentence without a full stop.
        let what: String
    }

    /// What keeps a due worktree: a process inside, an editor, a write or a look since its deadline was set.
    ///
    /// Nil when nothing does, or when the hard limit is reached.
    func activity(in environment: EnvironmentRecord, _ worktree: Worktree) async throws -> Activity? {
        let settings = try settings()
        let now = Date()
        guard let limit = Janitor.latest(environment, settings), now < limit else { return nil }
        let path = worktree.path
        let since = environment.deadlineSetAt
        let found = await workspace.lane.runCatching { () -> (moment: Date, what: String)? in
            if let worker = Gates.worker(in: path) { return (now, String(worker.dropLast())) }
            let survey = try DirectorySurvey(of: path)
            if let file = survey.editorFile { return (now, "an editor's '\(file)' is there") }
            guard let change = survey.newestChange, change.moment > since else { return nil }
            return (change.moment, "'\(change.path.isEmpty ? "." : "\(change.path)")' was changed")
        }
        var latest = found ?? nil
        if environment.lastAccessed > since, environment.lastAccessed > latest?.moment ?? .distantPast {
            latest = (environment.lastAccessed, "it was asked for by a command")
        }
        guard let latest else { return nil }
        let until = min(latest.moment + settings.activityExtension.inSeconds, limit)
        guard until > now else { return nil }
        let age = now.timeIntervalSince(latest.moment)
        let when = age < 1 ? "now" : "\(DurationText.format(.seconds(age))) ago"
        return Activity(until: until, what: "\(latest.what) (\(when)), at the latest until \(Janitor.text(limit))")
    }

    /// The moment to which activity can move a deadline at most; nil without a deadline.
    static func latest(_ environment: EnvironmentRecord, _ settings: CleanupSettings) -> Date? {
        environment.cleanupAfter.map { $0 + settings.hardLimit.inSeconds }
    }

    func postpone(_ environment: EnvironmentRecord, _ activity: Activity) async throws {
        try await store.postpone(environment.id, until: activity.until, reason: activity.what)
        try await store.recordEvent(
            task: environment.taskID, kind: "environment.postponed",
            detail: .object(["until": .string(Janitor.text(activity.until)), "reason": .string(activity.what)]))
    }
}

extension BlockingLane {
    /// Nil when the body throws.
    func runCatching<T: Sendable>(_ body: @Sendable () throws -> T) -> T? {
        try? run(body)
    }
}
