import ArgumentParser
import Engine
import RunnerCore
import Store

struct Sessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "List the workers, their leases and the tasks they are at work on.")

    @Flag(name: .shortAndLong, help: "Those that have ended too.")
    var all = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let all = all
        let views = try await Session.with { workspace in
            try await workspace.sessions(all: all).map { SessionView($0) }
        }
        if output.json { return try JSONOutput.print(views) }
        if output.quiet { return Terminal.write(views.map { "\($0.id)\n" }.joined()) }
        guard !views.isEmpty else { return Terminal.message("no worker; start one: runner serve") }
        Terminal.write(
            Table(
                headings: ["SESSION", "WORKER", "HOST", "PROCESS", "STATE", "HEARTBEAT", "LEASE", "SLOTS", "TASKS"],
                rows: views.map(\.row)
            ).render())
    }
}
