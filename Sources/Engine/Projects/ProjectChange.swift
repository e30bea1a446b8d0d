/// What `runner project add` or `set` was asked for; nil leaves a setting, an empty value clears it.
package struct ProjectChange: Sendable {
    package var name: String?
    package var description: String?
    package var workflow: String?
    package var agent: String?
    package var setup: String?
    package var teardown: String?
    package var dependencies: [String]?
    /// Repositories that come in, as a person names them.
    package var added: [String]
    /// Repositories that go out.
    package var removed: [String]

    package init(
        name: String? = nil, description: String? = nil, workflow: String? = nil, agent: String? = nil,
        setup: String? = nil, teardown: String? = nil, dependencies: [String]? = nil, added: [String] = [],
        removed: [String] = []
    ) {
        self.name = name
        self.description = description
        self.workflow = workflow
        self.agent = agent
        self.setup = setup
        self.teardown = teardown
        self.dependencies = dependencies
        self.added = added
        self.removed = removed
    }
}
