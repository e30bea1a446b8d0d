/// What a person means by the text that names a workflow.
package enum WorkflowReference: Sendable, Hashable {
    /// A file: it has a slash or ends with `.yaml` or `.yml`.
    case path(String)
    /// `NAME@3`: a version of the database.
    case version(name: String, number: Int)
    /// `bundled:NAME`, `user:NAME`, `database:NAME` or `repository:NAME`: from this source alone.
    case source(WorkflowOrigin, name: String)
    /// From the first source that has it.
    case name(String)

    package init(_ text: String) {
        for origin in [WorkflowOrigin.user, .database, .repository, .bundled] where text.hasPrefix("\(origin):") {
            let name = String(text.dropFirst(origin.rawValue.count + 1))
            if origin == .database, case .version = WorkflowReference(name) {
                self = WorkflowReference(name)
            } else {
                self = .source(origin, name: name)
            }
            return
        }
        if text.contains("/") || text.hasSuffix(".yaml") || text.hasSuffix(".yml") {
            self = .path(text)
        } else if let at = text.lastIndex(of: "@"), at != text.startIndex,
            let number = Int(text[text.index(after: at)...]), number > 0
        {
            self = .version(name: String(text[..<at]), number: number)
        } else {
            self = .name(text)
        }
    }

    /// Why a workflow of this name could not be found by it; nil when it can.
    package static func problem(withName name: String) -> String? {
        if case .name = WorkflowReference(name), !name.contains("@"), !name.hasPrefix("-") { return nil }
        return "a workflow that is published is found by its name, so the name has no \"/\", \"@\" or leading \"-\", "
            + "no source before a colon and no ending .yaml"
    }
}
