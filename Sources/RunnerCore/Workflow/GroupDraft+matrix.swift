extension GroupDraft {
    /// Every combination of the lists' values, in the order of the file; `exclude` takes some away, `include` adds some.
    mutating func readMatrix(
        _ entry: YAMLEntry?, in owner: YAMLEntry, _ diagnostics: inout WorkflowDiagnostics
    ) {
        guard let entry else { return diagnostics.add(owner, "\"strategy\" needs a \"matrix\"") }
        var combinations: [[String: JSONValue]] = []
        var (excluded, included): ([[String: JSONValue]], [[String: JSONValue]]) = ([], [])
        var isBegun = false
        for axis in diagnostics.map(entry.value) ?? [] {
            switch axis.key {
            case "include": included = GroupDraft.combinations(axis.value, &diagnostics)
            case "exclude": excluded = GroupDraft.combinations(axis.value, &diagnostics)
            default:
                let values = values(of: axis, &diagnostics)
                combinations = isBegun ? combinations : [[:]]
                isBegun = true
                combinations = combinations.flatMap { known in
                    values.map { value in known.merging([axis.key: value]) { $1 } }
                }
                guard combinations.count <= GroupBody.mostCombinations else {
                    return diagnostics.add(
                        entry, "the matrix has more than \(GroupBody.mostCombinations) combinations")
                }
            }
        }
        combinations.removeAll { combination in
            excluded.contains { rule in !rule.isEmpty && rule.allSatisfy { combination[$0.key] == $0.value } }
        }
        combinations += included
        names.formUnion(included.flatMap(\.keys))
        body.combinations = combinations
        if combinations.isEmpty {
            diagnostics.add(entry, "the matrix has no combination")
        } else if combinations.count > GroupBody.mostCombinations {
            diagnostics.add(entry, "the matrix has more than \(GroupBody.mostCombinations) combinations")
        }
    }

    private mutating func values(
        of axis: YAMLEntry, _ diagnostics: inout WorkflowDiagnostics
    ) -> [JSONValue] {
        if !GroupDraft.isName(axis.key) {
            diagnostics.add(axis, "\"\(axis.key.shortened)\" is no name for a value; use letters, digits, - and _")
        }
        names.insert(axis.key)
        guard case .sequence(let nodes) = axis.value.content, !nodes.isEmpty else {
            let isList = if case .sequence = axis.value.content { true } else { false }
            diagnostics.add(
                axis.value,
                isList ? "the list of values is empty" : "expected a list of values, found \(axis.value.kind)")
            return []
        }
        return nodes.compactMap { GroupDraft.value($0, &diagnostics) }
    }

    private static func combinations(
        _ node: YAMLNode, _ diagnostics: inout WorkflowDiagnostics
    ) -> [[String: JSONValue]] {
        guard case .sequence(let nodes) = node.content else {
            diagnostics.add(node, "expected a list of maps, found \(node.kind)")
            return []
        }
        return nodes.map { item in
            var combination: [String: JSONValue] = [:]
            for entry in diagnostics.map(item) ?? [] {
                if !isName(entry.key) {
                    diagnostics.add(
                        entry, "\"\(entry.key.shortened)\" is no name for a value; use letters, digits, - and _")
                }
                combination[entry.key] = value(entry.value, &diagnostics)
            }
            return combination
        }
    }

    private static func isName(_ name: String) -> Bool {
        TemplatePath.isPlain(name) && EnvironmentName.isValid(name.replacing("-", with: "_"))
    }

    private static func value(_ node: YAMLNode, _ diagnostics: inout WorkflowDiagnostics) -> JSONValue? {
        if case .scalar(let scalar) = node.content, !scalar.isNull { return scalar.written }
        diagnostics.add(node, "expected a text, a number, true or false, found \(node.kind)")
        return nil
    }
}
