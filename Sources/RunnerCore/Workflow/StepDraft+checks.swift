/// Checks that concern several steps.
extension StepDraft {
    /// Gives each step without an id one from its name or its number, and refuses ids that are used twice.
    static func assignIDs(_ drafts: inout [StepDraft], _ diagnostics: inout WorkflowDiagnostics) {
        var lines: [String: Int] = [:]
        for draft in flattened(drafts) {
            guard let id = draft.id, let node = draft.idNode else { continue }
            if let first = lines[id] {
                diagnostics.add(node, "the id \"\(id)\" is already used in line \(first)")
            } else {
                lines[id] = node.line
            }
        }
        var used = Set(lines.keys)
        let forks = flattened(drafts).compactMap(\.group).filter { $0.body.kind == .fork }
        if !forks.isEmpty { used.formUnion(GroupTask.allCases.map(\.rawValue)) }
        for judge in forks.flatMap(\.judge) {
            guard let id = judge.id, let node = judge.idNode, GroupTask(rawValue: id) != nil else { continue }
            diagnostics.add(node, "\"\(id)\" is what the runner calls a step of its own here; choose another id")
        }
        assignIDs(&drafts, &used, prefix: "step")
    }

    private static func assignIDs(_ drafts: inout [StepDraft], _ used: inout Set<String>, prefix: String) {
        for index in drafts.indices {
            if drafts[index].idNode == nil {
                let wanted = slug(drafts[index].name ?? "") ?? "\(prefix)-\(index + 1)"
                var id = wanted
                var number = 2
                while !used.insert(id).inserted {
                    id = "\(wanted)-\(number)"
                    number += 1
                }
                drafts[index].id = id
            }
            guard var group = drafts[index].group else { continue }
            let own = String((drafts[index].id ?? prefix).prefix(40))
            assignIDs(&group.drafts, &used, prefix: own)
            assignIDs(&group.judge, &used, prefix: own + "-judge")
            drafts[index].group = group
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

    /// `members` are steps of stages whose steps run side by side, with the step that the stage has become.
    /// What begins at the same time, or in a worktree of its own, has nothing to wait for.
    private static func checkSiblings(_ group: GroupDraft, _ diagnostics: inout WorkflowDiagnostics) {
        guard group.body.joins || group.body.kind == .parallel && group.body.width > 1 else { return }
        let siblings = Set(group.drafts.compactMap(\.id))
        for need in group.drafts.flatMap(\.needs) where siblings.contains(need.id) {
            diagnostics.add(need.node, "the steps of the group run side by side; none can need another")
        }
    }

    static func checkNeeds(
        _ drafts: [StepDraft], members: [String: String] = [:], _ diagnostics: inout WorkflowDiagnostics
    ) {
        for group in drafts.compactMap(\.group) {
            checkSiblings(group, &diagnostics)
            checkNeeds(group.drafts, &diagnostics)
            checkNeeds(group.judge, &diagnostics)
        }
        let ids = drafts.compactMap(\.id)
        let known = Set(ids)
        for draft in drafts {
            for need in draft.needs where !known.contains(need.id) {
                if let stage = members[need.id] {
                    diagnostics.add(
                        need.node, "\"\(need.id)\" runs beside the other steps of its stage; need \"\(stage)\" instead")
                    continue
                }
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
        var scope = TemplateScope(inputs: inputs, env: env, earlierSteps: [])
        scope.laterSteps = Set(flattened(drafts).compactMap(\.id))
        scope.turns = TemplateScope.Turns()
        checkNames(drafts, scope, seesEarlier: true, &diagnostics)
    }

    /// `outer` is what the steps see of what stands around them; side by side they do not see each other.
    private static func checkNames(
        _ drafts: [StepDraft], _ outer: TemplateScope, seesEarlier: Bool, _ diagnostics: inout WorkflowDiagnostics
    ) {
        let order = order(of: drafts)
        var around = outer
        // Where the order is not known, because of a circle, every step passes for an earlier one.
        if order.cycle != nil { around.know(flattened(drafts).compactMap(\.id)) }
        for index in order.cycle == nil ? order.indices : Array(drafts.indices) {
            let draft = drafts[index]
            var scope = around
            if let condition = draft.condition { diagnostics.check(condition, scope) }
            if !draft.matrixNames.isEmpty { scope.turns?.matrix = draft.matrixNames }
            for node in draft.env.values { diagnostics.checkTemplate(node, scope) }
            scope.env?.formUnion(draft.env.keys)
            if let prompt = draft.prompt { diagnostics.checkTemplate(prompt, scope) }
            for node in draft.templates { diagnostics.checkTemplate(node, scope) }
            if let group = draft.group { checkNames(group, scope, draft.innerIDs, &diagnostics) }
            guard seesEarlier else { continue }
            around.know([draft.id].compactMap { $0 } + draft.innerIDs)
        }
    }

    private static func checkNames(
        _ group: GroupDraft, _ outer: TemplateScope, _ inner: [String], _ diagnostics: inout WorkflowDiagnostics
    ) {
        if let items = group.items { diagnostics.checkTemplate(items, outer) }
        for node in group.with.values { diagnostics.checkTemplate(node, outer) }
        var scope = outer
        switch group.body.kind {
        case .loop:
            scope.turns?.hasLoop = true
            // A round sees what the steps after it were in the round before.
            scope.know(inner)
            if let until = group.until { diagnostics.check(until, scope) }
        case .foreach: scope.turns?.hasItem = true
        case .parallel, .matrix, .workflow, .fork: break
        }
        var judging = scope
        judging.turns?.hasCandidates = true
        if group.body.joins { judging.know(group.drafts.compactMap(\.id) + [GroupTask.merge.rawValue]) }
        checkNames(group.judge, judging, seesEarlier: true, &diagnostics)
        checkNames(
            group.drafts, scope, seesEarlier: group.body.kind != .parallel && !group.body.joins, &diagnostics)
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
