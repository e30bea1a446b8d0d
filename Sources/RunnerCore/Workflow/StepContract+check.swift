extension StepContract {
    /// What is wrong with the outputs of a step that succeeded: `outputs.plan.files[2]: expected a string, found 3`.
    ///
    /// `parse` reads JSON and gives nil for what is none. A text for a declared text needs no quotes.
    package func problem(with values: [String: String], parse: (String) -> JSONValue?) -> String? {
        for (name, declaration) in outputs.sorted(by: { $0.key < $1.key }) {
            let path = "outputs.\(name)"
            guard let text = values[name] else {
                if declaration.isOptional { continue }
                return "\(path): the step did not set it"
            }
            let schema = declaration.schema
            let value: JSONValue
            if schema.isText {
                value = .string(text)
            } else if let parsed = parse(text) {
                value = parsed
            } else if schema.takesText {
                value = .string(text)
            } else {
                return "\(path): expected \(schema.expectation), found a text that is no JSON: \"\(text.shortened)\""
            }
            if let problem = schema.problem(in: value, at: path) { return problem }
        }
        return nil
    }
}
