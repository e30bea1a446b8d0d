import Postgres
import RunnerCore

extension Store {
    /// A named part `guard` of a statement: the run's row, locked, if the writer still owns the run.
    ///
    /// Waits for a claim that is under way and then sees its fence. Everything that a statement writes must be joined
    /// to it, so that a replaced owner writes nothing.
    static func guarded(_ run: RunID, _ fence: Int) -> SQL {
        """
        guard as materialized (
            select id, task_id, environment_id from runner.runs
            where id = \(run) and fence = \(fence) and status = 'running' for no key update
        )
        """
    }

    /// The moment of an end that began at `start`, also when the server's clock was set back in between.
    static func end(since start: SQL) -> SQL { "greatest(now(), \(start))" }

    /// A part `mode` of a statement, which another has to read: its commit does not wait for the disk.
    static let unflushed: SQL = "mode as materialized (select set_config('synchronous_commit', 'off', true))"

    static let openSteps: SQL = "('pending', 'running', 'waiting')"
}
