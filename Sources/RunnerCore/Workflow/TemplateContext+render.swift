import Stencil

extension TemplateContext {
    /// The text that `template` gives; an output or field that was not set gives an empty text.
    ///
    /// Throws `TemplateError` for bad syntax and unknown names.
    package func render(_ template: String) throws -> String {
        guard template.contains("{") else { return template }
        let compiled = try CompiledTemplate(template)
        for path in compiled.references { try TemplateScope().check(path) }
        return try render(compiled)
    }

    /// Whether `condition` holds, its implied `success() &&` included.
    ///
    /// In a run without groups the status and outcome of ended steps come from `status`, which is never behind; all else,
    /// such as outputs and exit statuses, comes from `steps`, so put the facts of the step that has just ended there first.
    /// With groups all comes from `steps`, as `RunScope` gives them: an id may mean another step in each place.
    package func evaluate(_ condition: WorkflowCondition, status: StatusValues) throws -> Bool {
        if !condition.replacesImpliedSuccess && !status.success { return false }
        let compiled = CompiledTemplate(condition: try condition.expression())
        for path in compiled.references { try TemplateScope().check(path) }
        var context = self
        let isFlat = !status.run.hasGroups
        for step in status.steps where isFlat && step.status.isTerminal {
            context.steps[step.key, default: StepFacts(status: step.status)].status = step.status
            context.steps[step.key]?.outcome = step.outcomeStatus
        }
        return try context.render(compiled, status: status) == "1"
    }

    /// The declared environment of `step`: the workflow's values, then its own, which see the former as `env`.
    package func environment(of step: WorkflowStep, in workflow: WorkflowDefinition) throws -> [String: String] {
        var context = self
        context.env = [:]
        let shared = try workflow.env.mapValues { try context.render($0) }
        context.env = shared
        return shared.merging(try step.env.mapValues { try context.render($0) }) { $1 }
    }

    private func render(_ template: CompiledTemplate, status: StatusValues? = nil) throws -> String {
        var dictionary = members.merging(template.literals.compactMapValues(\.templateValue)) { $1 }
        for function in StatusFunction.allCases {
            dictionary[CompiledTemplate.variable(for: function)] = status?[function]
        }
        let environment = Environment(extensions: [TemplateContext.filters()])
        do {
            return try environment.renderTemplate(string: template.canonical, context: dictionary)
        } catch let error as TemplateSyntaxError {
            throw TemplateError(line: 1, column: 1, message: error.reason)
        }
    }

    /// Parts that `split` makes at most; the last holds the rest.
    private static let splitLimit = 10_000

    private static func filters() -> Extension {
        let filters = Extension()
        for filter in ComparisonFilter.allCases {
            filters.registerFilter(filter.rawValue) { (value: Any?) in filter.apply(value) }
        }
        // Stencil's own has no limit, and a loop renders its body once for each part.
        filters.registerFilter("split") { (value: Any?, arguments: [Any?]) in
            // A literal cannot hold a line break, and lines are what people loop over.
            guard let text = value as? String,
                let separator = ((arguments.first ?? " ") as? String)?.replacing("\\n", with: "\n"), !separator.isEmpty
            else { return [] as [String] }
            return text.split(separator: separator, maxSplits: splitLimit - 1, omittingEmptySubsequences: true)
                .map(String.init)
        }
        return filters
    }
}
