import ArgumentParser
import Engine
import RunnerCore

struct RepoCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say what the URL policy makes of a URL, without registering it.")

    // A URL that begins with a dash is exactly what has to be judged, not parsed as an option.
    @Argument(parsing: .allUnrecognized, help: "The URL.")
    var url: [String]

    @OptionGroup var output: OutputOptions

    /// Without the terminator, which this parsing strategy hands over too.
    private var urls: [String] { url.count == 2 && url[0] == "--" ? [url[1]] : url }

    func validate() throws {
        guard urls.count == 1 else { throw ValidationError("Give one URL.") }
    }

    func run() throws {
        let settings = try Session.settings()
        let verdict = Repositories.policy(settings).check(urls[0])
        if output.json {
            try JSONOutput.print(verdict)
        } else if !output.quiet {
            Terminal.write("\(verdict.verdict.rawValue)\(verdict.reason.map { " \($0.rawValue)" } ?? "")\n")
            if let normalized = verdict.normalized { Terminal.write("url   \(normalized)\n") }
            if let reason = verdict.reason { Terminal.write("why   \(reason.explanation)\n") }
        }
        if verdict.verdict == .reject { throw ExitStatus.failed }
    }
}
