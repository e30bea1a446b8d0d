import ArgumentParser
import Glibc
import RunnerCore

/// Parses the command line, runs one command and leaves with a documented exit status.
@main
enum RunnerMain {
    static func main() async {
        StandardDescriptors.fill()
        OpenFileLimit.raise(for: CommandLine.arguments.dropFirst())
        // A closed pipe (`runner list | head`) must end a write with EPIPE, not with a core dump of a cluster start.
        signal(SIGPIPE, SIG_IGN)
        EarlyOpening.begin(CommandLine.arguments.dropFirst())
        do {
            var command = try parse(CommandLine.arguments.dropFirst())
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            leave(with: error)
        }
        exit(ExitStatus.success.rawValue)
    }

    /// The command that a command line asks for.
    ///
    /// ArgumentParser makes ready all commands to find one. A line without anything to be said about it is read by that
    /// one alone; whatever has a message (help too) is left to the whole, whose message names the way to the command.
    /// Those that people wait for say what they belong to (`_superCommandName`): otherwise each line is first read
    /// twice, as one that asks for a completion script.
    private static func parse(_ arguments: ArraySlice<String>) throws -> any ParsableCommand {
        let (type, rest) = RunnerCommand.named(by: arguments)
        if type.configuration.subcommands.isEmpty, let command = try? type.parseAsRoot(Array(rest)) { return command }
        return try RunnerCommand.parseAsRoot(Array(arguments))
    }

    private static func leave(with error: any Error) -> Never {
        if let status = error as? ExitStatus { exit(status.rawValue) }
        if let failure = Failure(error) {
            Terminal.fail(failure)
            exit(failure.status.rawValue)
        }
        // ArgumentParser's own: help and version go to stdout with status 0, wrong usage to stderr.
        let isUsage = !RunnerCommand.exitCode(for: error).isSuccess
        let text = RunnerCommand.fullMessage(for: error)
        let arguments = Array(CommandLine.arguments.dropFirst())
        if isUsage,
            let failure = UnknownCommand.failure(in: arguments) ?? NegativeNumber.failure(in: arguments)
                ?? LeadingDash.failure(in: arguments, message: text)
        {
            Terminal.fail(failure)
            exit(ExitStatus.usage.rawValue)
        }
        if isUsage {
            // It quotes what was typed, which can hold a password or steer the terminal.
            Terminal.message(Terminal.plainLines(Redaction.redactCredentials(in: text)))
        } else {
            Terminal.write(text + (text.hasSuffix("\n") ? "" : "\n"))
        }
        exit(isUsage ? ExitStatus.usage.rawValue : ExitStatus.success.rawValue)
    }
}
