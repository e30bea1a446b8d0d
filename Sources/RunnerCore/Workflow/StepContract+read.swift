extension StepContract {
    private static let productionKeys = ["files", "commits", "changes", "artifacts"]

    /// Reads the keys of a step that say what it leaves behind.
    static func read(_ entries: [String: YAMLEntry], _ diagnostics: inout WorkflowDiagnostics) -> StepContract {
        var contract = StepContract()
        if let entry = entries["outputs"] { contract.outputs = readOutputs(entry.value, &diagnostics) }
        if let entry = entries["produces"] { contract.produces = readProduction(entry.value, &diagnostics) }
        for entry in entries["artifacts"].flatMap({ diagnostics.map($0.value) }) ?? [] {
            if let problem = ArtifactName.problem(with: entry.key) {
                diagnostics.add(entry, "\"\(entry.key.shortened)\" is no name for an artifact: \(problem)")
            } else if let path = diagnostics.text(entry.value) {
                if EnvironmentScripts.isInside(path) {
                    contract.artifacts[entry.key] = path
                } else {
                    diagnostics.add(entry.value, "expected the path of a file inside the worktree")
                }
            }
        }
        if let writes = entries["writes"]?.value, case .scalar(let scalar) = writes.content, scalar.bool == false,
            contract.produces.commits || contract.produces.changes, let entry = entries["produces"]
        {
            diagnostics.add(entry, "a step with writes: false cannot have to produce changes or commits")
        }
        return contract
    }

    private static func readOutputs(
        _ node: YAMLNode, _ diagnostics: inout WorkflowDiagnostics
    ) -> [String: OutputDeclaration] {
        var outputs: [String: OutputDeclaration] = [:]
        for entry in diagnostics.map(node) ?? [] {
            guard StepOutput.isName(entry.key) else {
                diagnostics.add(
                    entry, "\"\(entry.key.shortened)\" is no name for an output; use letters, digits, - and _")
                continue
            }
            do throws(JSONSchemaError) {
                outputs[entry.key] = try OutputDeclaration(entry.value.json)
            } catch {
                let place = entry.value.place(of: error.path)
                diagnostics.add(
                    line: place.line, column: place.column, keyPath: place.keyPath, "a wrong schema: \(error.message)")
            }
        }
        return outputs
    }

    private static func readProduction(_ node: YAMLNode, _ diagnostics: inout WorkflowDiagnostics) -> Production {
        var production = Production()
        guard let entries = diagnostics.entries(node, of: "\"produces\"", knowing: productionKeys) else {
            return production
        }
        production.commits = entries["commits"].flatMap { diagnostics.bool($0.value) } ?? false
        production.changes = entries["changes"].flatMap { diagnostics.bool($0.value) } ?? false
        for item in entries["files"]?.value.items ?? [] {
            guard let pattern = diagnostics.text(item) else { continue }
            if EnvironmentScripts.isInside(pattern) {
                production.files.append(pattern)
            } else {
                diagnostics.add(item, "expected a pattern of paths inside the worktree, as dist/**/*.js")
            }
        }
        for item in entries["artifacts"]?.value.items ?? [] {
            guard let name = diagnostics.text(item) else { continue }
            if let problem = ArtifactName.problem(with: name) {
                diagnostics.add(item, "\"\(name.shortened)\" is no name for an artifact: \(problem)")
            } else {
                production.artifacts.append(name)
            }
        }
        return production
    }
}

extension YAMLNode {
    /// Where the value that a path leads to stands: for the last component the key itself, as far as the file has it.
    func place(of path: [JSONSchemaError.Component]) -> (line: Int, column: Int, keyPath: String) {
        var node = self
        var place = (line: line, column: column, keyPath: keyPath)
        for component in path {
            switch (component, node.content) {
            case (.key(let key), .mapping(let entries)):
                guard let entry = entries.first(where: { $0.key == key }) else { return place }
                node = entry.value
                place = (entry.line, entry.column, entry.value.keyPath)
            case (.index(let index), .sequence(let nodes)):
                guard nodes.indices.contains(index) else { return place }
                node = nodes[index]
                place = (node.line, node.column, node.keyPath)
            default: return place
            }
        }
        return place
    }
}
