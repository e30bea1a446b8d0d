import ArgumentParser
import Engine
import Foundation
import Glibc
import RunnerCore

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Work on queued runs until told to stop.",
        discussion: """
            Takes the runs of this host: those that were started with --detach, those that are due again, and those whose \
            worker died, whose steps it goes on with.

            Ctrl-C or SIGTERM stops it and leaves running steps to the next worker; with --drain, and on SIGUSR1, it \
            finishes them first and takes nothing more. Many may serve on one host.
            """)

    @Option(help: "Runs at once; the default is two for each core, and no more than there are GiB of memory.")
    var slots: Int?

    @Flag(help: "Serve in the background, unless a daemon does already; its messages go to serve.log.")
    var background = false

    @Flag(help: "Finish what runs before stopping.")
    var drain = false

    @Option(help: "Stop when there was nothing to do for so long, as 10m.")
    var idleStop: String?

    @Flag(help: ArgumentHelp("Stop at once where another daemon with this flag serves.", visibility: .hidden))
    var single = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let slots, !(1...1_000).contains(slots) { throw ValidationError("--slots takes a number from 1 to 1000.") }
        if let idleStop, DurationText.parse(idleStop) == nil {
            throw ValidationError("--idle-stop takes a duration, as 90s or 10m.")
        }
    }

    func run() async throws {
        let output = output
        if background {
            let (session, isNew) = try await Session.with { try await $0.serveInBackground(arguments()) }
            return try report(session, isNew)
        }
        let options = ServeOptions(
            slots: slots, drains: drain, idleStop: idleStop.flatMap { DurationText.parse($0) },
            isSingle: single)
        let stop = Cancellation.onSignals()
        let drain = Cancellation.onSignals([SIGUSR1])
        let log = ServeLog(isQuiet: output.quiet, isJSON: output.json)
        try await Session.with { workspace in
            try await workspace.serve(options, stop: stop, drain: drain) { log.write($0) }
        }
    }

    /// The command line of the same daemon in the foreground, one for the data folder however many are started at once.
    private func arguments() -> [String] {
        var arguments = ["serve", "--single"]
        if let slots { arguments += ["--slots", String(slots)] }
        if drain { arguments.append("--drain") }
        if let idleStop { arguments += ["--idle-stop", idleStop] }
        return arguments
    }

    private func report(_ session: SessionRecord, _ isNew: Bool) throws {
        if output.json { return try JSONOutput.print(session) }
        if !output.quiet {
            Terminal.message(
                isNew ? "a daemon serves now, with process id:" : "a daemon serves already, with process id:")
        }
        Terminal.write("\(session.processID)\n")
    }
}
