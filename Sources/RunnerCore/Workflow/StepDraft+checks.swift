/// Checks that concern several steps.
extension StepDraft {
    /// Gives each step without an id one from its name or its number, and refuses ids that are used twice.
    static func assignIDs(_ drafts: inout [StepDraft], _ diagnostics: inout WorkflowDiagnostics) {
        var lines: [String: Int] = [:]
        for draft in drafts {
            guard let id = draft.id, let node = draft.idNode else { continue }
            if let first = lines[id] {
                diagnostics.add(node, "the id \"\(id)\" is already used in line \(first)")
            } else {
                lines[id] = node.line
            }
        }
        var used = Set(lines.keys)
        for index in drafts.indices where drafts[index].idNode == nil {
            let wanted = slug(drafts[index].name ?? "") ?? "step-\(index + 1)"
            var id = wanted
            var number = 2
            while !used.insert(id).inserted {
                id = "\(wanted)-\(number)"
                number += 1
            }
            drafts[index].id = id
        }
    }

    /// `Run the tests!` → `run-the-tests`; nil when nothing is left.
    static func slug(_ name: String) -> String? {
        var slug = ""
        for scalar in name.lowercased().unicodeScalars {
            if ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "_" {
                slug.unicodeScalars.append(scalar)
            } else if !slug.isEmpty, slug.last != "-" {
                slug += "-"
            }
        }
        slug = String(slug.prefix(40))
        while slug.last == "-" { slug.removeLast() }
        return slug.isEmpty ? nil : slug
    }

    static func checkNeeds(_ drafts: [StepDraft], _ diagnostics: inout WorkflowDiagnostics) {
        let ids = drafts.compactMap(\.id)
        let known = Set(ids)
        for draft in drafts {
            for need in draft.needs where !known.contains(need.id) {
                let near = Suggestion.closest(to: need.id, among: ids)
                diagnostics.add(
                    need.node,
                    "there is no step \"\(need.id.shortened)\"" + (near.map { ", did you mean \"\($0)\"?" } ?? ""))
            }
        }
        guard let cycle = order(of: drafts).cycle else { return }
        let path = cycle.joined(separator: " → ")
        let place = drafts.first { $0.id == cycle[0] }?.needs.first { $0.id == cycle[1] }?.node
        if let place { diagnostics.add(place, "the steps need each other in a circle: \(path)") }
    }

    /// Checks every template and condition against what is known when its step runs.
    static func checkNames(
        _ drafts: [StepDraft], inputs: Set<String>, env: Set<String>, _ diagnostics: inout WorkflowDiagnostics
    ) {
        let order = order(of: drafts)
        let all = Set(drafts.compactMap(\.id))
        // Where the order is not known, because of a circle, every step passes for an earlier one.
        var earlier = order.cycle == nil ? [] : all
        for index in order.cycle == nil ? order.indices : Array(drafts.indices) {
            let draft = drafts[index]
            var scope = TemplateScope(inputs: inputs, env: env, earlierSteps: earlier)
            scope.laterSteps = all.subtracting(earlier)
            for node in draft.env.values { diagnostics.checkTemplate(node, scope) }
            scope.env?.formUnion(draft.env.keys)
            if let prompt = draft.prompt { diagnostics.checkTemplate(prompt, scope) }
            if let condition = draft.condition { diagnostics.check(condition, scope) }
            if let id = draft.id { earlier.insert(id) }
        }
    }

    /// A step whose id is wrong or used twice still counts, under a name nobody can need.
    private static func order(of drafts: [StepDraft]) -> StepOrder {
        StepOrder(drafts.map { (id: $0.id ?? "", needs: $0.needs.map(\.id)) })
    }
}

extension WorkflowDiagnostics {
    /// Notes what is wrong in the template that `node` holds: its syntax, or the names it uses.
    mutating func checkTemplate(_ node: YAMLNode, _ scope: TemplateScope) {
        guard let text = WorkflowReader.text(node), text.contains("{") else { return }
        do throws(TemplateError) {
            check(try CompiledTemplate(text).references, scope, in: node, skipping: 0)
        } catch {
            add(error, in: node)
        }
    }

    mutating func check(
        _ condition: (value: WorkflowCondition, node: YAMLNode, skipped: Int), _ scope: TemplateScope
    ) {
        guard let expression = try? condition.value.expression() else { return }
        check(expression.paths, scope, in: condition.node, skipping: condition.skipped)
    }

    private mutating func check(
        _ paths: [TemplatePath], _ scope: TemplateScope, in node: YAMLNode, skipping: Int
    ) {
        for path in paths {
            do throws(TemplateError) {
                try scope.check(path)
            } catch {
                add(error, in: node, skipping: skipping)
            }
        }
    }
}
