/// A script step: the text is handed to a shell as it stands, never rendered as a template.
package struct ScriptBody: Sendable, Hashable {
    package enum Shell: String, Sendable, Codable, CaseIterable {
        case bash, sh
    }

    package var text: String
    /// Nil: bash where the machine has it, else sh.
    package var shell: Shell?

    package init(text: String, shell: Shell? = nil) {
        self.text = text
        self.shell = shell
    }
}
