package import RunnerCore

/// What `runner repo update` was asked to change; nil leaves a setting, an empty text clears it.
package struct RepositoryChange: Sendable {
    package var name: String?
    package var defaultBranch: String?
    package var workflow: String?
    package var agent: String?
    package var publish: RepositorySettings.Publish?
    /// Days; the inner nil clears.
    package var retentionDays: Double??
    /// The inner nil clears.
    package var spares: Int??
    /// Empty clears.
    package var copy: [String]?
    /// Empty clears.
    package var sparse: [String]?
    /// Days; the inner nil clears.
    package var logRetentionDays: Double??
    package var snapshotDays: Double??
    /// Bytes; the inner nil clears.
    package var quotaBytes: Int??
    /// Empty clears.
    package var setup: String?
    /// Empty clears.
    package var teardown: String?
    /// Empty clears.
    package var dependencies: [String]?
    /// Empty clears.
    package var budgets: [PeriodBudget]?
    package var submodules: Bool?
    package var lfs: Bool?

    package init(
        name: String? = nil, defaultBranch: String? = nil, workflow: String? = nil, agent: String? = nil,
        publish: RepositorySettings.Publish? = nil, retentionDays: Double?? = nil,
        spares: Int?? = nil, copy: [String]? = nil, sparse: [String]? = nil,
        logRetentionDays: Double?? = nil,
        snapshotDays: Double?? = nil, quotaBytes: Int?? = nil, setup: String? = nil, teardown: String? = nil,
        dependencies: [String]? = nil, budgets: [PeriodBudget]? = nil,
        submodules: Bool? = nil, lfs: Bool? = nil
    ) {
        self.name = name
        self.defaultBranch = defaultBranch
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
        self.submodules = submodules
        self.lfs = lfs
    }

    func applied(to repository: Repository) -> Repository {
        var changed = repository
        if let name, !name.isEmpty { changed.name = name }
        if let defaultBranch { changed.settings.branch = defaultBranch.isEmpty ? nil : defaultBranch }
        if let workflow { changed.settings.workflow = workflow.isEmpty ? nil : workflow }
        if let agent { changed.settings.agent = agent.isEmpty ? nil : agent }
        if let publish { changed.settings.publish = publish }
        if let retentionDays { changed.settings.retentionDays = retentionDays }
        if let spares { changed.settings.spares = spares }
        if let copy { changed.settings.copy = copy.isEmpty ? nil : copy }
        if let sparse { changed.settings.sparse = sparse.isEmpty ? nil : sparse }
        if let logRetentionDays { changed.settings.logRetentionDays = logRetentionDays }
        if let snapshotDays { changed.settings.snapshotDays = snapshotDays }
        if let quotaBytes { changed.settings.quotaBytes = quotaBytes }
        if let setup { changed.settings.setup = setup.isEmpty ? nil : setup }
        if let teardown { changed.settings.teardown = teardown.isEmpty ? nil : teardown }
        if let submodules { changed.settings.submodules = submodules }
        if let lfs { changed.settings.lfs = lfs }
        if let dependencies { changed.settings.dependencies = dependencies.isEmpty ? nil : dependencies }
        if let budgets { changed.settings.budgets = budgets.isEmpty ? nil : budgets }
        return changed
    }
}
