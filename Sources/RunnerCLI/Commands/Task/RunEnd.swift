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

    /// Prints the number of a task that goes on elsewhere.
    static func reportDetached(_ task: TaskRecord, in workspace: Workspace, output: OutputOptions) async throws {
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
