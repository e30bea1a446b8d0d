import ArgumentParser
import Foundation

/// Writes the manual from the command tree; for `make docs` and `make install`.
struct Documentation: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case markdown, man
    }

    static let configuration = CommandConfiguration(
        commandName: "documentation", abstract: "Print the command reference, or the manual page.")

    @Option(help: "markdown or man.")
    var format = Format.markdown

    func run() throws {
        let tree = try CommandTree.current()
        switch format {
        case .markdown: Terminal.write(tree.markdown())
        case .man: Terminal.write(tree.manual())
        }
    }
}
