/// A file in which an agent keeps a login; only whether it is there is ever looked at.
package struct AgentLogin: Sendable, Hashable {
    /// A variable that names another folder.
    package let variable: String?
    /// Below the home folder.
    package let folder: String
    package let file: String

    init(_ folder: String, _ file: String, variable: String? = nil) {
        self.variable = variable
        self.folder = folder
        self.file = file
    }

    /// Its place for a process with this environment; nil where no home is known.
    package func path(environment: [String: String]) -> String? {
        if let variable, let folder = environment[variable], !folder.isEmpty { return "\(folder)/\(file)" }
        return environment["HOME"].map { "\($0)/\(folder)/\(file)" }
    }

    /// As a person writes it.
    package var text: String { "~/\(folder)/\(file)" }
}
