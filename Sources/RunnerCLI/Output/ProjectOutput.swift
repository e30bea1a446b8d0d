import Foundation
import RunnerCore

/// One project as text or JSON.
enum ProjectOutput {
    static func show(_ project: ProjectRecord, _ output: OutputOptions) throws {
        if output.json { return try JSONOutput.print(project) }
        if output.quiet { return Terminal.write(project.name + "\n") }
        var lines = [("name", project.name)]
        if !project.description.isEmpty { lines.append(("about", Terminal.plain(project.description))) }
        lines.append(("workflow", project.workflow ?? "default"))
        lines.append(("agent", project.agent ?? "(the first that is installed)"))
        let environment = project.environment
        if let setup = environment.setup { lines.append(("set-up", RepositoryOutput.firstLine(setup))) }
        if let teardown = environment.teardown { lines.append(("tear-down", RepositoryOutput.firstLine(teardown))) }
        if let folders = environment.dependencies { lines.append(("depends", folders.joined(separator: ", "))) }
        lines += project.repositories.map { ("repository", $0) }
        Terminal.write(
            lines.map { $0.0.padding(toLength: 12, withPad: " ", startingAt: 0) + $0.1 + "\n" }.joined())
    }
}
