import ArgumentParser
import Engine

struct ServiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service", abstract: "Let systemd keep a worker running.",
        subcommands: [ServiceInstall.self, ServiceUninstall.self, ServiceShow.self])

    /// The status as JSON or as lines; what is missing goes to standard error.
    static func report(_ status: ServiceStatus, _ output: OutputOptions) throws {
        if output.json { return try JSONOutput.print(status) }
        if output.quiet { return }
        let state =
            !status.installed
            ? "not installed"
            : status.running ? "running" : status.enabled ? "enabled, not running" : "installed, not running"
        Terminal.write("\(state)  \(Terminal.plain(status.path))\n")
        if status.installed, !status.current {
            Terminal.message("the unit was written by another version; runner service install brings it up to date")
        }
        if let problem = status.problem { Terminal.message(problem) }
    }
}
