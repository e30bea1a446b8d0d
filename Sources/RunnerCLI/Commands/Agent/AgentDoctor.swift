import Agents
import ArgumentParser
import Engine

struct AgentDoctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check whether agents can work here: program, version, login, limits, file.",
        discussion: """
            Names of keys and files are shown, never what is in them; the agent itself is asked for its version only.

            Exit status with a name: 0 it can work; 1 its file is wrong, its program fails or its account is closed by a \
            limit; 4 its program, or a key or login, is not there. Without a name: 1 where one is wrong; agents that are \
            not installed do not count.
            """)

    @Argument(help: "Only this agent, as agent list names it.")
    var name: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let found = try await AgentExaminer(settings: try Session.settings()).examine(name)
        if output.json {
            try JSONOutput.print(found)
        } else if !output.quiet {
            found.forEach { Terminal.write(Self.text($0)) }
        }
        if found.contains(where: { $0.verdict == .failed }) { throw ExitStatus.failed }
        if name != nil, found.contains(where: { $0.verdict == .missing }) { throw ExitStatus.environment }
    }

    private static func text(_ one: AgentExamination) -> String {
        var parts = [one.type]
        if let path = one.path { parts.append(one.version.map { "\($0) at \(path)" } ?? path) }
        if let proven = one.provenVersion, let version = one.version, !version.contains(proven) {
            parts.append("proven with \(proven)")
        }
        if one.evidence == .documented { parts.append("driven by its documentation, not tested with it") }
        if !one.credentials.isEmpty { parts.append("found " + one.credentials.joined(separator: ", ")) }
        if let file = one.file { parts.append(file) }
        parts += one.problems
        return CheckMark.line(one.verdict, one.name, parts.joined(separator: "; "), one.advice.map(Terminal.plain))
    }
}
