import ArgumentParser
import Engine
import Foundation
import RunnerCore

struct Keep: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keep", abstract: "Move the deadline of a task's worktree.")

    @Argument(help: "The task's number.")
    var task: String

    @Option(name: .customLong("for"), help: "How long from now, as 12h, 30d or 2w.")
    var duration: String?

    @Flag(help: "Keep it until you say otherwise.")
    var forever = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (duration == nil) == forever else { throw ValidationError("Give either --for or --forever.") }
        if let duration, DurationText.parse(duration) == nil {
            throw ValidationError("\"\(duration)\" is no duration of up to 100 years; write it as 12h, 30d or 2w.")
        }
    }

    func run() async throws {
        let (text, length) = (task, duration.flatMap(DurationText.parse))
        let environment = try await Session.with { workspace in
            try await workspace.keep(text, for: length)
        }
        if output.json { return try JSONOutput.print(environment) }
        if output.quiet { return }
        Terminal.message(
            environment.kept
                ? "kept until you say otherwise"
                : environment.cleanupAfter.map { "kept until \(Moments.iso($0))" } ?? "kept; its run is going on")
    }
}
