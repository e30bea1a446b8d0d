/// A dotted name such as `steps.check.outcome`, and where it stands in its text.
struct TemplatePath: Hashable, Sendable {
    let components: [String]
    let line: Int
    let column: Int

    var text: String { components.joined(separator: ".") }

    func error(_ message: String) -> TemplateError {
        TemplateError(line: line, column: column, message: message)
    }
}
