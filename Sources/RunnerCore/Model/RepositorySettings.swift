/// What a person can set for one repository; absent means the built-in default.
package struct RepositorySettings: Sendable, Hashable, Codable {
    package enum Publish: String, Sendable, Codable, CaseIterable {
        /// A local origin gets the task's branch as a ref when the run ends.
        case branch
        case never
    }

    /// The branch that tasks start from; else where the origin's HEAD is.
    package var branch: String?
    package var workflow: String?
    package var agent: String?
    package var publish: Publish?
    /// Days from the end of a run to the removal of its worktree.
    package var retentionDays: Double?
    /// Worktrees kept ready beforehand; nil is the daemon's default.
    package var spares: Int?
    /// Untracked files of the person's own checkout that a worktree gets too, in the form of `.gitignore`.
    package var copy: [String]?
    /// The folders that a worktree holds; nil means all.
    package var sparse: [String]?
    /// Whether worktrees get their submodules.
    package var submodules: Bool?
    /// Whether worktrees get the contents of files that Git LFS keeps.
    package var lfs: Bool?
    /// Days from the end of a run to the removal of its stored output.
    package var logRetentionDays: Double?
    /// Days that a snapshot of a removed worktree is kept.
    package var snapshotDays: Double?
    /// Bytes that the repository's clone and worktrees may take on one host.
    package var quotaBytes: Int?
    /// A script that makes a new worktree ready, before the first step; wins over what the repository brings.
    package var setup: String?
    /// A script for a worktree that is about to be removed.
    package var teardown: String?
    /// Folders that a set-up fills, as `node_modules=package-lock.json`.
    package var dependencies: [String]?
    /// What its runs may use together, for each period at most once.
    package var budgets: [PeriodBudget]?
    /// SHA-256 of each `.runner.yaml` whose scripts a person allowed.
    package var allowedScripts: [String]?

    /// What is used when neither the repository nor the setting `logs.retention_days` says anything.
    package static let defaultLogRetentionDays: Double = 90

    package init(
        branch: String? = nil, workflow: String? = nil, agent: String? = nil, publish: Publish? = nil,
        retentionDays: Double? = nil, spares: Int? = nil, copy: [String]? = nil, sparse: [String]? = nil,
        logRetentionDays: Double? = nil,
        snapshotDays: Double? = nil, quotaBytes: Int? = nil, setup: String? = nil, teardown: String? = nil,
        dependencies: [String]? = nil, budgets: [PeriodBudget]? = nil, allowedScripts: [String]? = nil,
        submodules: Bool? = nil, lfs: Bool? = nil
    ) {
        self.branch = branch
        self.workflow = workflow
        self.agent = agent
        self.publish = publish
        self.retentionDays = retentionDays
        self.spares = spares
        self.copy = copy
        self.sparse = sparse
        self.logRetentionDays = logRetentionDays
        self.snapshotDays = snapshotDays
        self.quotaBytes = quotaBytes
        self.setup = setup
        self.teardown = teardown
        self.dependencies = dependencies
        self.budgets = budgets
        self.allowedScripts = allowedScripts
        self.submodules = submodules
        self.lfs = lfs
    }
}
