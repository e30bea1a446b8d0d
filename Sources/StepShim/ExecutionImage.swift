import CPlatform
import Glibc

/// Everything that execve needs, in C memory.
struct ExecutionImage {
    private let programs: CStringTable
    private let arguments: CStringTable
    private let environment: CStringTable
    private let directory: CStringTable
    private let openFiles: rlim_t?

    private static let defaultPath = "PATH=/usr/local/bin:/usr/bin:/bin"

    init(_ spec: CommandSpec) {
        programs = CStringTable(ExecutionImage.candidates(for: spec))
        arguments = CStringTable(spec.arguments)
        environment = CStringTable(spec.environment)
        directory = CStringTable([spec.directory])
        openFiles = spec.openFiles.map { rlim_t($0) }
    }

    /// The paths to try in order: the name itself when it holds a slash, else one for each folder of the spec's PATH.
    private static func candidates(for spec: CommandSpec) -> [String] {
        let name = spec.arguments[0]
        guard !name.utf8.contains(UInt8(ascii: "/")) else { return [name] }
        let entry = spec.environment.first { $0.utf8.starts(with: "PATH=".utf8) } ?? defaultPath
        let folders = entry.utf8.dropFirst(5).split(separator: UInt8(ascii: ":"))
        return folders.map { "\(Substring($0))/\(name)" }
    }

    /// Turns the forked child into the command; runs in the child only and makes system calls only.
    func become(input: Int32, output: Int32, error: Int32, after permission: Int32, report: Int32) -> Never {
        setsid()
        _ = runner_set_parent_death_signal(SIGKILL)
        SignalInbox.restoreDefaults()
        var go: UInt8 = 0
        // End of file: the shim died before it could record who we are.
        guard read(permission, &go, 1) == 1 else { _exit(127) }
        guard dup2(input, 0) == 0, dup2(output, 1) == 1, dup2(error, 2) == 2 else { fail(2, errno, report) }
        lowerOpenFiles()
        if let path = directory.pointer[0], chdir(path) != 0 { fail(1, errno, report) }
        var failure = ENOENT
        var index = 0
        while let program = programs.pointer[index] {
            execve(program, arguments.pointer, environment.pointer)
            // As execvp: a file that may not be run is only reported when no later folder has one that may.
            if errno != ENOENT && errno != ENOTDIR { failure = errno }
            if errno != ENOENT && errno != ENOTDIR && errno != EACCES { break }
            index += 1
        }
        fail(2, failure, report)
    }

    /// The bound stays: the command may raise it for itself, as everybody may.
    private func lowerOpenFiles() {
        var limit = rlimit()
        guard let openFiles, getrlimit(.init(RLIMIT_NOFILE.rawValue), &limit) == 0, openFiles < limit.rlim_cur else {
            return
        }
        limit.rlim_cur = openFiles
        setrlimit(.init(RLIMIT_NOFILE.rawValue), &limit)
    }

    private func fail(_ stage: Int32, _ code: Int32, _ report: Int32) -> Never {
        var answer = SpawnReport(stage: stage, code: code)
        _ = write(report, &answer, MemoryLayout<SpawnReport>.size)
        _exit(127)
    }
}
