import Glibc

/// The command could not be executed; exit codes are those of a shell.
struct SpawnFailure: Error, CustomStringConvertible {
    let code: Int32
    let exitCode: Int32
    let description: String

    init(report: SpawnReport, command: String) {
        code = report.code
        let reason = String(cString: strerror(report.code))
        let isMissing = report.stage == 2 && (report.code == ENOENT || report.code == ENOTDIR)
        exitCode = isMissing ? 127 : 126
        description =
            report.stage == 1
            ? "cannot enter the working directory: \(reason)" : "cannot execute \"\(command)\": \(reason)"
    }
}
