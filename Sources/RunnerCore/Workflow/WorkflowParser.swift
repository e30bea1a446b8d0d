/// Reads workflow files.
package enum WorkflowParser {
    /// Says what is wrong in an agent's settings: the key under `with`, where it is one, and a sentence.
    package typealias SettingsCheck = (_ agent: String, _ settings: [String: JSONValue]) -> (
        key: String?, message: String
    )?

    /// Says why a workflow cannot be called by this name.
    package typealias CallCheck = (_ name: String) -> String?

    /// The workflow that `source` declares; throws every error that can be told from the file.
    ///
    /// `file` is for messages only. `default` is always a known agent. Any bytes are safe to pass: size, depth and
    /// the number of values are bounded. Settings of agents are looked into by `checkSettings` alone, and whether the
    /// workflows that it calls are there by `checkCall` alone.
    package static func parse(
        _ source: [UInt8], file: String, knownAgents: Set<String>, checkSettings: SettingsCheck? = nil,
        checkCall: CallCheck? = nil
    ) throws(WorkflowErrors) -> WorkflowDefinition {
        let text = try YAMLText(source, file: file)
        var composer = YAMLComposer(text, file: file)
        let root = composer.compose()
        var reader = WorkflowReader(
            diagnostics: WorkflowDiagnostics(
                file: file, text: text.text, errors: composer.errors, checkSettings: checkSettings,
                checkCall: checkCall),
            agents: knownAgents.union([AgentBody.defaultAgent]))
        let definition = root.flatMap { reader.read($0) }
        guard let definition, reader.diagnostics.errors.isEmpty else { throw reader.diagnostics.sorted }
        return definition
    }

    package static func parse(
        _ source: String, file: String, knownAgents: Set<String>
    ) throws(WorkflowErrors) -> WorkflowDefinition {
        try parse(Array(source.utf8), file: file, knownAgents: knownAgents)
    }
}
