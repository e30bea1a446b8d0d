import ArgumentParser
import Engine
import RunnerCore

struct RepoUpdate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change a repository's name, place or settings; an empty value clears a setting.")

    @Argument(help: "Its name, URL, path or id.")
    var repository: String

    @Option(help: "A new name.")
    var name: String?

    @Option(help: "Where it is now: a URL, or a path on this machine.", completion: .directory)
    var url: String?

    @Option(help: "The branch that tasks start from.")
    var branch: String?

    @Option(help: "The workflow for tasks that name none.")
    var workflow: String?

    @Option(help: "The agent for steps that ask for the default one.")
    var agent: String?

    @Option(help: "Whether a local origin gets the task's branch when a run ends: branch or never.")
    var publish: RepositorySettings.Publish?

    @Option(help: "How long a worktree stays after its run, as 12h or 7d.")
    var retention: String?

    @Option(help: "How many worktrees are kept ready beforehand, 0 to 16.")
    var spares: String?

    @Option(help: "An untracked file, or pattern, of your checkout that worktrees get too, as .env; can be repeated.")
    var copy: [String] = []

    @Option(help: "A folder that worktrees hold, instead of everything; can be repeated.")
    var sparse: [String] = []

    @Flag(inversion: .prefixedNo, help: "Whether worktrees get their submodules, those inside them too.")
    var submodules: Bool?

    @Flag(inversion: .prefixedNo, help: "Whether worktrees get the contents of files that Git LFS keeps.")
    var lfs: Bool?

    @Option(help: "How long the output of its runs is kept after their end, as 12h or 90d.")
    var logRetention: String?

    @Option(help: "How long a snapshot of a removed worktree is kept, as 90d.")
    var snapshotRetention: String?

    @Option(help: "How much room its clone and worktrees may take on one host, as 20G.")
    var quota: String?

    @Option(help: "A script that makes each new worktree ready, before the first step.")
    var setup: String?

    @Option(help: "A script that clears up before a worktree is removed.")
    var teardown: String?

    @Option(
        help:
            "A folder that the set-up fills and the file it depends on, as node_modules=package-lock.json; can be repeated."
    )
    var dependency: [String] = []

    @Option(help: "What its runs may use together, as 20/day, 300/month, 500 or 5M tokens/day; can be repeated.")
    var budget: [String] = []

    @OptionGroup var output: OutputOptions

    func validate() throws {
        for text in [retention, logRetention].compactMap(\.self) where !text.isEmpty {
            guard DurationText.parse(text) == nil else { continue }
            throw ValidationError("\"\(text)\" is no duration of up to 100 years; write it as 12h or 7d.")
        }
        if let spares, !spares.isEmpty, !(0...16).contains(Int(spares) ?? -1) {
            throw ValidationError("\"\(spares)\" is no count of spares; give 0 to 16.")
        }
        if let snapshotRetention, !snapshotRetention.isEmpty, DurationText.parse(snapshotRetention) == nil {
            throw ValidationError("\"\(snapshotRetention)\" is no duration of up to 100 years; write it as 90d.")
        }
        do {
            _ = try PeriodBudget.list(budget)
        } catch {
            throw ValidationError("\(error).")
        }
        if let quota, !quota.isEmpty, ByteText.parse(quota) == nil {
            throw ValidationError("\"\(quota)\" is no size; write it as 20G or 500M.")
        }
    }

    func run() async throws {
        let (text, url, change) = (repository, url, change)
        let view = LiveView(options: output)
        let updated = try await Session.with(tidies: true) { workspace in
            var known = try await workspace.repositories.registered(text)
            if let url { known = try await workspace.repositories.move(known, to: url, progress: view.handler) }
            let updated = try await workspace.repositories.update(known, change)
            if change.budgets != nil { try await workspace.wakeBudgetWaits(of: updated.id) }
            return updated
        }
        try RepositoryOutput.show(updated, output)
    }

    /// Nil when the option was not given; an empty value clears.
    private static func list(_ values: [String]) -> [String]? {
        values.isEmpty ? nil : values.filter { !$0.isEmpty }
    }

    private var change: RepositoryChange {
        RepositoryChange(
            name: name, defaultBranch: branch, workflow: workflow, agent: agent, publish: publish,
            retentionDays: retention.map(RepoUpdate.days), spares: spares.map(Int.init), copy: RepoUpdate.list(copy),
            sparse: RepoUpdate.list(sparse), logRetentionDays: logRetention.map(RepoUpdate.days),
            snapshotDays: snapshotRetention.map(RepoUpdate.days), quotaBytes: quota.map(ByteText.parse),
            setup: setup, teardown: teardown, dependencies: RepoUpdate.list(dependency),
            budgets: budget.isEmpty ? nil : try? PeriodBudget.list(budget), submodules: submodules, lfs: lfs)
    }

    private static func days(_ text: String) -> Double? {
        DurationText.parse(text).map { Double($0.components.seconds) / 86400 }
    }
}

extension RepositorySettings.Publish: ExpressibleByArgument {}
