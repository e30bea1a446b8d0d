import ArgumentParser
import Engine
import Store

struct DBValidate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check each table, check, index, policy and trigger, and try a write that is rolled back.")

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let checks = try await DatabaseAdministration(settings: try Session.settings()).validate()
        if output.json {
            try JSONOutput.print(checks)
        } else if !output.quiet {
            for check in checks {
                Terminal.write(
                    CheckMark.line(
                        check.isOK ? .passed : .failed, "\(check.kind.rawValue) \(check.name)", check.detail, nil))
            }
        }
        if checks.contains(where: { !$0.isOK }) { throw ExitStatus.failed }
    }
}
