import ArgumentParser
import Engine
import Rainbow

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check what runner needs on this machine, and say what to do about it.")

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let checks = await Doctor(settings: try Session.settings()).run()
        if output.json {
            try JSONOutput.print(checks)
        } else if !output.quiet {
            for check in checks {
                Terminal.write(CheckMark.line(check.verdict, check.name, check.detail, check.advice))
            }
        }
        if checks.contains(where: { $0.verdict == .failed }) { throw ExitStatus.failed }
    }
}
