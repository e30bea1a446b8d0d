import CPlatform
import Glibc

/// The supervisor of one step attempt: `runner-shim <attempt-directory>`.
///
/// Everything it is told and everything it tells are files in that directory; docs/architecture.md lists them. Its
/// standard output is only a bell for the worker that started it.
@main
enum StepShim {
    static let version = "1"

    static func main() {
        ProcessSetup.secureStandardDescriptors()
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch (arguments.first, arguments.count) {
        case ("--version", 1):
            Diagnostics.write("runner-shim \(version)", to: STDOUT_FILENO)
        case ("--end", 2):
            exit(LostAttempt.end(directory: arguments[1]))
        case ("--guard", 2...):
            exit(WorkerGuard.run(Array(arguments.dropFirst())))
        case (let directory?, 1) where !directory.hasPrefix("-"):
            exit(AttemptSupervision.run(directory: directory))
        default:
            Diagnostics.write(
                "usage: runner-shim <attempt-directory> | --end <attempt-directory> "
                    + "| --guard <command> | --version")
            exit(ShimStatus.usage)
        }
    }
}
