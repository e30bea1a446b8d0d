import Engine
import RunnerCore

/// Prints how a foreground run ended and leaves with the status that says so.
enum RunEnd {
    static func report(_ result: RunResult, in workspace: Workspace, output: OutputOptions) async throws {
        let number = result.task.number
        if output.json {
            try JSONOutput.print(try await TaskView.load(number: number, in: workspace))
        } else {
            Terminal.write("\(number)\n")
        }
        switch result.status {
        case .completed:
            if !output.quiet { Terminal.message(hints(result)) }
        case .waiting:
            if !output.quiet { Terminal.message("look at it: runner show \(number)   runner diff \(number)") }
            throw ExitStatus.waiting
        case .cancelled:
            if !output.quiet {
                Terminal.message("task \(number) was cancelled; its work is kept. Go on with: runner retry \(number)")
            }
            throw ExitStatus.cancelled
        default:
            if !output.quiet {
                Terminal.message("see: runner log \(number)   go on: runner retry \(number)")
            }
            throw ExitStatus.failed
        }
    }

    /// Leaves a run to a daemon, or works on it here; then prints how it goes on or how it ended.
    ///
    /// `task` names the task in an error, and is nil as long as there is none.
    static func of(
        _ workspace: Workspace, detach: Bool, output: OutputOptions, task: () -> String?,
        detached: () async throws -> TaskRecord, here: (Cancellation) async throws -> RunResult
    ) async throws {
        if detach { return try await reportDetached(try await detached(), in: workspace, output: output) }
        let cancellation = Cancellation.onSignals()
        let result: RunResult
        do {
            result = try await here(cancellation)
        } catch {
            guard let number = task() else { throw error }
            throw TaskFailure(task: number, underlying: error)
        }
        try await report(result, in: workspace, output: output)
    }

    /// Prints the number of a task that goes on elsewhere.
    private static func reportDetached(_ task: TaskRecord, in workspace: Workspace, output: OutputOptions) async throws
    {
        if output.json {
            return try JSONOutput.print(try await TaskView.load(number: task.number, in: workspace))
        }
        Terminal.write("\(task.number)\n")
        if !output.quiet {
            Terminal.message("see: runner show \(task.number)   follow: runner log --follow \(task.number)")
        }
    }

    private static func hints(_ result: RunResult) -> String {
        let number = result.task.number
        var text = "see: runner show \(number)   runner diff \(number)   cd \"$(runner path \(number))\""
        if let published = result.publishedBranch { text += "\nthe branch \(published) is in your repository" }
        return text
    }
}
