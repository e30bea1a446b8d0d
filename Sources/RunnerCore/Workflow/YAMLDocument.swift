/// A YAML file of any shape as a value, within the same bounds as a workflow file.
package enum YAMLDocument {
    /// Throws for what is no YAML, nests too deep, is too large or names a key twice; `file` is for messages only.
    package static func value(of source: [UInt8], file: String) throws(WorkflowErrors) -> JSONValue {
        let text = try YAMLText(source, file: file)
        var composer = YAMLComposer(text, file: file)
        guard let root = composer.compose(), composer.errors.isEmpty else { throw WorkflowErrors(composer.errors) }
        return value(of: root)
    }

    private static func value(of node: YAMLNode) -> JSONValue {
        switch node.content {
        case .scalar(let scalar): scalar.json
        case .sequence(let nodes): .array(nodes.map(value(of:)))
        case .mapping(let entries):
            .object(Dictionary(entries.map { ($0.key, value(of: $0.value)) }) { $1 })
        }
    }
}
