package import RunnerCore

/// What a person's file says of an agent that the runner knows by itself.
package struct AgentDefaults: Sendable, Hashable {
    /// One of `planning`, `development`, `qa`, `review` and `custom`.
    package let type: String?
    package let description: String?
    /// What a step's `with` gets where it says nothing.
    package let options: [String: JSONValue]

    package static let keys = ["type", "description", "defaults"]

    /// Reads a YAML file; every mistake names the file and the key. `adapter` checks the settings.
    package init(yaml: [UInt8], for adapter: any AgentAdapter, file: String) throws(AgentsError) {
        let name = adapter.name
        self = try AgentFileText.reading(yaml, name: name, file: file) { members throws(AgentsError) in
            try AgentDefaults(members, adapter)
        }
    }

    private init(_ members: [String: JSONValue], _ adapter: any AgentAdapter) throws(AgentsError) {
        let reader = try OptionReader(agent: adapter.name, options: members, known: Self.keys)
        type = try reader.choice("type", of: FileAgent.types)
        description = try reader.string("description")
        options = try reader.members("defaults") ?? [:]
        // The command line may well come with the step.
        try adapter.validate(adapter.takesCommand ? ["command": .string("true")].merging(options) { $1 } : options)
    }
}
