extension WorkflowDiagnostics {
    /// A budget as a text, or as a map with `usd` and `tokens`.
    mutating func budget(_ node: YAMLNode) -> Budget? {
        if case .scalar(let scalar) = node.content, let budget = Budget(scalar.text) { return budget }
        guard case .mapping = node.content else {
            add(node, "expected a budget such as 5.00, 2M tokens or \"5.00, 2M tokens\", found \(node.kind)")
            return nil
        }
        guard let entries = self.entries(node, of: "a budget", knowing: ["usd", "tokens"]), !entries.isEmpty else {
            add(node, "a budget has \"usd\", \"tokens\" or both")
            return nil
        }
        var budget = Budget()
        if let usd = entries["usd"], let text = self.text(usd.value) {
            budget.usd = Budget.amount(text[...])
            if budget.usd == nil { add(usd, "expected an amount above zero such as 5.00") }
        }
        if let tokens = entries["tokens"], let text = self.text(tokens.value) {
            budget.tokens = Budget.count(text[...])
            if budget.tokens == nil { add(tokens, "expected a count above zero such as 500000 or 2M") }
        }
        return budget
    }
}
