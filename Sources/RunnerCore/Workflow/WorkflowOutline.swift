/// What a workflow would do for given inputs, as far as that can be told without running it.
package struct WorkflowOutline: Sendable, Codable {
    package enum Verdict: String, Sendable, Codable {
        /// It runs when all before it goes well.
        case runs
        /// Its condition does not hold, or a step that it needs is skipped.
        case skipped
        /// What comes before decides.
        case depends
    }

    package struct Step: Sendable, Codable {
        /// Inside a group with its place, without the number of a turn: `fix/test`.
        package let key: String
        package let name: String?
        package let kind: String
        package let stage: String?
        package let needs: [String]
        package let condition: String?
        package let verdict: Verdict
        /// Nil for steps without an agent, and where none is chosen.
        package let agent: String?
        /// Who takes over, in this order: an agent, a model with `=` before it, or both.
        package let fallback: [String]
        /// The prompt or the script, rendered as far as it is known.
        package let text: String?
        package let env: [String: String]
        package let timeoutSeconds: Double?
        package let maxAttempts: Int
        package let continueOnError: Bool
        package let writes: Bool
    }

    package let steps: [Step]

    /// The steps in the order in which they would run; `agent` names the agent of a body.
    ///
    /// `context` holds the values of everything that `knowledge` says is known.
    package init(
        _ definition: WorkflowDefinition, context: TemplateContext, knowledge: TemplateKnowledge, setupKey: String?,
        agent: (AgentBody) -> String?, fallback: (AgentBody) -> [AgentFallback] = { $0.fallback }
    ) {
        var known = knowledge
        known.env = Set(definition.env.filter { knowledge.knowsAll(of: $0.value) }.keys)
        var context = context
        context.env = definition.env.mapValues { context.renderKnown($0, knowledge) }
        var outlined: [Step] = []
        func add(_ steps: [WorkflowStep], under prefix: String, in group: Verdict) {
            var verdicts: [String: Verdict] = [:]
            for step in steps {
                let own = Scope(step, context, known)
                var verdict = own.verdict(needs: step.needs.map { verdicts[$0] ?? .depends })
                if group != .runs, verdict == .runs { verdict = group }
                verdicts[step.id] = verdict
                var (name, text): (String?, String?)
                var others: [AgentFallback] = []
                switch step.body {
                case .agent(let body):
                    (name, text) = (agent(body), own.context.renderKnown(body.prompt, own.knowledge))
                    others = fallback(body)
                case .script(let body): text = body.text
                case .approval(let body): text = own.context.renderKnown(body.message, own.knowledge)
                case .tool(let tool): text = tool.name.rawValue
                case .group, .candidate, .task: break
                }
                let key = prefix + step.id
                outlined.append(
                    Step(
                        key: key, name: step.name, kind: step.id == setupKey ? "setup" : step.kind, stage: step.stage,
                        needs: step.needs, condition: step.condition?.text, verdict: verdict, agent: name,
                        fallback: others.map(\.text), text: text, env: own.context.env,
                        timeoutSeconds: step.timeout?.inSeconds, maxAttempts: step.maxAttempts,
                        continueOnError: step.continueOnError, writes: step.writes))
                guard let inner = step.group, inner.kind != .matrix else { continue }
                let all = inner.executionOrder + (inner.kind == .fork ? inner.epilogue : [])
                add(all, under: key + "/", in: verdict)
            }
        }
        add(definition.executionOrder, under: "", in: .runs)
        steps = outlined
    }

    /// What one step sees.
    private struct Scope {
        let step: WorkflowStep
        var context: TemplateContext
        var knowledge: TemplateKnowledge

        init(_ step: WorkflowStep, _ shared: TemplateContext, _ known: TemplateKnowledge) {
            self.step = step
            context = shared
            knowledge = known
            for (name, template) in step.env {
                context.env[name] = shared.renderKnown(template, known)
                if known.knowsAll(of: template) {
                    knowledge.env.insert(name)
                } else {
                    knowledge.env.remove(name)
                }
            }
        }

        func verdict(needs: [Verdict]) -> Verdict {
            let decidesItself = step.condition?.replacesImpliedSuccess ?? false
            if needs.contains(.skipped), !decidesItself { return .skipped }
            guard let condition = step.condition else { return needs.contains(.depends) ? .depends : .runs }
            let expression = try? condition.expression()
            guard let expression, expression.paths.allSatisfy(knowledge.knows),
                condition.statusFunctions.isSubset(of: [.success, .always])
            else { return .depends }
            let status = StatusValues(success: true, failure: false, cancelled: false)
            guard (try? context.evaluate(condition, status: status)) == true else { return .skipped }
            return needs.contains(.depends) && !decidesItself ? .depends : .runs
        }
    }
}
