/// Which names of templates have a value before a run has begun.
package struct TemplateKnowledge: Sendable, Hashable {
    /// The task's title and prompt.
    package var hasTask: Bool
    /// The repository and the base commit.
    package var hasPlace: Bool
    /// Variables whose value depends on known names alone.
    package var env: Set<String>

    package init(hasTask: Bool, hasPlace: Bool, env: Set<String> = []) {
        self.hasTask = hasTask
        self.hasPlace = hasPlace
        self.env = env
    }

    func knows(_ path: TemplatePath) -> Bool {
        let parts = path.components
        switch parts[0] {
        case "task": return hasTask && parts.dropFirst().first != "number"
        case "repository", "base": return hasPlace
        case "inputs": return true
        case "env": return parts.count > 1 && env.contains(parts[1])
        // Steps, the run, and whatever comes to be later.
        default: return false
        }
    }

    func knowsAll(of template: String) -> Bool {
        guard template.contains("{") else { return true }
        return (try? CompiledTemplate(template).references.allSatisfy(knows)) ?? false
    }
}
