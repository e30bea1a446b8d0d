extension YAMLNode {
    /// The value with the kinds that YAML gives it.
    var json: JSONValue { value(\.json) }

    /// The same for what scripts and prompts get to see: numbers stay as they are written.
    var written: JSONValue { value(\.written) }

    private func value(_ read: (YAMLScalar) -> JSONValue) -> JSONValue {
        switch content {
        case .scalar(let scalar): read(scalar)
        case .sequence(let items): .array(items.map { $0.value(read) })
        case .mapping(let entries):
            .object(Dictionary(entries.map { ($0.key, $0.value.value(read)) }, uniquingKeysWith: { first, _ in first }))
        }
    }
}
