extension WorkflowDefinition {
    /// The value of each declared input: what was given, else its default, else an empty text.
    package func resolvedInputs(_ given: [String: String]) throws(WorkflowInputError) -> [String: JSONValue] {
        for name in given.keys.sorted() where inputs[name] == nil {
            throw .unknown(name: name, suggestion: Suggestion.closest(to: name, among: inputs.keys.sorted()))
        }
        var values: [String: JSONValue] = [:]
        for (name, input) in inputs.sorted(by: { $0.key < $1.key }) {
            if let text = given[name] {
                guard let value = input.value(from: text) else {
                    let isBool = input.defaultValue?.boolValue != nil
                    throw .wrongKind(name: name, text: text, expected: isBool ? "true or false" : "a number")
                }
                values[name] = value
            } else if let value = input.defaultValue {
                values[name] = value
            } else if input.required {
                throw .missing(name: name)
            } else {
                values[name] = .string("")
            }
        }
        return values
    }
}
