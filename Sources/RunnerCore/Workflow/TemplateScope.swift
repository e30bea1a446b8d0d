/// What a template at one place of a workflow can name.
struct TemplateScope {
    /// Nil: not known here, any name goes.
    var inputs: Set<String>?
    var env: Set<String>?
    /// Steps that have ended when the template is rendered; nil: not known here, any name goes.
    var earlierSteps: Set<String>?
    var laterSteps: Set<String> = []
    /// What the groups around the place give names to; nil: not known here, any name goes.
    var turns: Turns?
    /// Why `env` or `steps` cannot be named here at all, by root.
    var unavailable: [String: String] = [:]

    struct Turns {
        var hasLoop = false
        var hasItem = false
        var hasCandidates = false
        var matrix: Set<String> = []
    }

    /// From here on these steps have run.
    mutating func know(_ ids: [String]) {
        earlierSteps?.formUnion(ids)
        laterSteps.subtract(ids)
    }

    /// Throws when `path` names nothing that can exist.
    func check(_ path: TemplatePath) throws(TemplateError) {
        let parts = path.components
        if let reason = unavailable[parts[0]] { throw path.error("\"\(parts[0])\" cannot be used here: \(reason)") }
        if let fields = TemplateContext.fields[parts[0]] {
            try check(path, at: 1, isOneOf: fields)
            try expectEnd(path, after: 2)
            return
        }
        switch parts[0] {
        case "inputs": try checkNamed(path, names: inputs, what: "input")
        case "env": try checkNamed(path, names: env, what: "environment variable")
        case "steps": try checkStep(path)
        case "loop":
            guard turns?.hasLoop ?? true else { throw path.error("\"loop\" is known only inside a loop") }
            try check(path, at: 1, isOneOf: TemplateContext.loopFields)
            try expectEnd(path, after: 2)
        case "item":
            guard turns?.hasItem ?? true else { throw path.error("\"item\" is known only inside a foreach") }
        case "candidates":
            guard turns?.hasCandidates ?? true else {
                throw path.error("\"candidates\" is known only in the judge of a fork")
            }
            try expectEnd(path, after: 1)
        case "matrix":
            if let turns, turns.matrix.isEmpty {
                throw path.error("\"matrix\" is known only in a step with a strategy")
            }
            try checkNamed(path, names: turns?.matrix, what: "value of the matrix")
        default:
            let near = Suggestion.closest(to: parts[0], among: TemplateContext.roots)
            throw path.error(
                "unknown name \"\(parts[0])\", "
                    + (near.map { "did you mean \"\($0)\"?" } ?? "use \(TemplateContext.roots.joined(separator: ", "))")
            )
        }
    }

    private func checkNamed(_ path: TemplatePath, names: Set<String>?, what: String) throws(TemplateError) {
        guard path.components.count > 1 else { throw path.error("\"\(path.text)\" needs the name of an \(what)") }
        let name = path.components[1]
        if let names, !names.contains(name) {
            let near = Suggestion.closest(to: name, among: names.sorted())
            throw path.error("there is no \(what) \"\(name)\"" + (near.map { ", did you mean \"\($0)\"?" } ?? ""))
        }
        try expectEnd(path, after: 2)
    }

    private func checkStep(_ path: TemplatePath) throws(TemplateError) {
        let parts = path.components
        guard parts.count > 1 else { throw path.error("\"steps\" needs the id of a step: steps.check.outcome") }
        if let earlierSteps, !TemplateScope.knows(parts[1], in: earlierSteps) {
            if TemplateScope.knows(parts[1], in: laterSteps) {
                throw path.error("the step \"\(parts[1])\" has not run yet at this place")
            }
            let near = Suggestion.closest(to: parts[1], among: earlierSteps.sorted())
            throw path.error("there is no step \"\(parts[1])\"" + (near.map { ", did you mean \"\($0)\"?" } ?? ""))
        }
        try check(path, at: 2, isOneOf: TemplateContext.stepFields)
        guard parts[2] == "outputs" else { return try expectEnd(path, after: 3) }
        guard parts.count > 3 else { throw path.error("\"\(path.text)\" needs the name of an output") }
        try expectEnd(path, after: 4)
    }

    /// An id with dashes may also be written with underscores.
    private static func knows(_ name: String, in steps: Set<String>) -> Bool {
        steps.contains(name) || steps.contains { $0.replacing("-", with: "_") == name }
    }

    private func check(_ path: TemplatePath, at index: Int, isOneOf fields: [String]) throws(TemplateError) {
        let owner = path.components[..<index].joined(separator: ".")
        guard path.components.count > index else {
            throw path.error("\"\(owner)\" needs a field: \(fields.joined(separator: ", "))")
        }
        let name = path.components[index]
        guard !fields.contains(name) else { return }
        let near = Suggestion.closest(to: name, among: fields)
        throw path.error(
            "\"\(owner)\" has no field \"\(name)\", "
                + (near.map { "did you mean \"\($0)\"?" } ?? "use \(fields.joined(separator: ", "))"))
    }

    private func expectEnd(_ path: TemplatePath, after count: Int) throws(TemplateError) {
        guard path.components.count == count else {
            throw path.error("\"\(path.components[..<count].joined(separator: "."))\" has no fields")
        }
    }
}
