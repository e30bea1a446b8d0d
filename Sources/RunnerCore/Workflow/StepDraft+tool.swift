extension StepDraft {
    /// Reads `tool` and its `with`; also gives the nodes that hold templates.
    static func readTool(
        _ entry: YAMLEntry, with: YAMLEntry?, _ diagnostics: inout WorkflowDiagnostics
    ) -> (body: ToolBody, templates: [YAMLNode])? {
        guard let text = diagnostics.text(entry.value) else { return nil }
        guard let name = ToolBody.Name(rawValue: text) else {
            let names = ToolBody.Name.allCases.map(\.rawValue)
            let near = Suggestion.closest(to: text, among: names)
            diagnostics.add(
                entry.value,
                "unknown tool \"\(text.shortened)\", "
                    + (near.map { "did you mean \"\($0)\"?" } ?? "known are \(names.joined(separator: ", "))"))
            return nil
        }
        var body = ToolBody(name: name)
        var templates: [YAMLNode] = []
        for item in entries(of: name, with, &diagnostics) {
            if name == .commit, item.key == "squash" {
                body.with[item.key] = diagnostics.bool(item.value).map { $0 ? "true" : "false" }
            } else if let value = diagnostics.text(item.value) {
                body.with[item.key] = value
                templates.append(item.value)
            }
            if name == .artifact, let problem = ArtifactName.problem(with: item.key) {
                diagnostics.add(item, "\"\(item.key.shortened)\" is no name for an artifact: \(problem)")
            }
        }
        if let key = name.requiredKey, with.map({ $0.value.has(key) }) != true {
            diagnostics.add(with?.value ?? entry.value, "the tool \"\(name.rawValue)\" needs \"with: { \(key): … }\"")
        }
        if name == .artifact, body.with.isEmpty {
            diagnostics.add(
                with?.value ?? entry.value,
                "the tool \"artifact\" needs \"with\": the name of each artifact and the path of its file")
        }
        return (body, templates)
    }

    private static func entries(
        of name: ToolBody.Name, _ with: YAMLEntry?, _ diagnostics: inout WorkflowDiagnostics
    ) -> [YAMLEntry] {
        guard let with else { return [] }
        guard let keys = name.keys else { return diagnostics.map(with.value) ?? [] }
        guard !keys.isEmpty else {
            diagnostics.add(with, "the tool \"\(name.rawValue)\" takes no \"with\"")
            return []
        }
        return (diagnostics.entries(with.value, of: "\"with\"", knowing: keys) ?? [:])
            .sorted { $0.key < $1.key }.map(\.value)
    }
}

extension YAMLNode {
    fileprivate func has(_ key: String) -> Bool {
        guard case .mapping(let entries) = content else { return false }
        return entries.contains { $0.key == key }
    }
}
