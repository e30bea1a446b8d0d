import ArgumentParser
import Engine

struct RunnerCommand: AsyncParsableCommand {
    static let version = Workspace.version

    static let configuration = CommandConfiguration(
        commandName: "runner",
        abstract: "Run coding agents and scripts on Git repositories, each task in its own worktree and branch.",
        discussion: """
            Start with: runner start <repo> <task>

            Exit status: 0 done; 1 the run failed or a check found something wrong; 2 wrong usage; 3 refused, as what \
            was named does not exist or its state forbids it; 4 the machine lacks something; 5 the run waits for a \
            person's decision, or for a budget to be raised; 70 a fault of runner; \
            130 cancelled.
            """,
        version: version,
        groupedSubcommands: [
            CommandGroup(
                name: "Tasks:",
                subcommands: [
                    Start.self, List.self, Board.self, Approve.self, Reject.self, Approvals.self, Cancel.self,
                    Retry.self, Rewind.self, Fork.self, Replay.self, Tell.self, TakeoverCommand.self,
                    BatchCommand.self,
                ]),
            CommandGroup(
                name: "History:",
                subcommands: [
                    Show.self, Steps.self, Tools.self, Usage.self, BudgetCommand.self, Log.self, Diff.self, Bisect.self,
                    Compare.self,
                    Events.self,
                ]),
            CommandGroup(
                name: "Results:", subcommands: [PathCommand.self, Push.self, Apply.self, ArtifactCommand.self]),
            CommandGroup(
                name: "Cleanup:",
                subcommands: [Keep.self, Clean.self, Restore.self, Snapshots.self, EnvCommand.self, Tidy.self]),
            CommandGroup(name: "Workers:", subcommands: [Serve.self, Sessions.self]),
            CommandGroup(
                name: "Set-up:",
                subcommands: [
                    RepoCommand.self, ProjectCommand.self, WorkflowCommand.self, AgentCommand.self, DBCommand.self,
                    ServiceCommand.self,
                    DoctorCommand.self,
                    Documentation.self,
                ]),
        ])
}
