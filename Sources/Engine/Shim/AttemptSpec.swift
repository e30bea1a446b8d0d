import CPlatform
import Glibc

/// Everything the shim has to know to run one attempt.
package struct AttemptSpec: Sendable, Hashable {
    /// Unique among all attempts ever; letters, digits, `-`, `_` and `.` only. Names the processes of the attempt.
    package var id: String
    /// The program and its arguments; a program without a slash is looked up in `environment["PATH"]`.
    package var arguments: [String]
    /// All the command gets, beside `RUNNER_ATTEMPT`, which is always set to `id`.
    package var environment: [String: String]
    /// Absolute.
    package var directory: String
    /// A file to read, or nil for `/dev/null`.
    package var standardInput: String?
    /// Sends both streams, in their true order, to the `stdout` file.
    package var mergesStandardError: Bool
    /// From the start of the command; nil for no limit. The shim enforces it, also when no worker lives.
    package var wallTimeout: Duration?
    /// Without a byte of output; nil for no limit.
    package var idleTimeout: Duration?
    /// Bytes kept of each stream: its beginning and, from 1 MiB on, as much of its end. The rest is only counted.
    package var outputCap: Int
    /// A file that `LifeLine` writes, with the moment until which the command may go on without a worker.
    package var lifeLine: String?
    /// What is tried, in order, before SIGKILL to everything.
    package var stopStages: [StopStage]
    /// Whether the attempt gets a cgroup where one can be made; without it processes are found by parent and marker.
    package var usesCgroup = true
    /// How many files the command may have open, where that is less than this process may have; nil for as many as this.
    package var openFiles: Int?

    package static let markerName = "RUNNER_ATTEMPT"
    package static let defaultOutputCap = 256 << 20

    /// How much of `outputCap` is for the end of a stream, where the reason of a failure usually is.
    package var outputTail: Int { outputCap >= 1 << 20 ? outputCap / 2 : 0 }

    package init(
        id: String, arguments: [String], environment: [String: String], directory: String,
        standardInput: String? = nil, mergesStandardError: Bool = false, wallTimeout: Duration? = nil,
        idleTimeout: Duration? = nil, outputCap: Int = AttemptSpec.defaultOutputCap,
        stopStages: [StopStage] = [.terminate()]
    ) {
        self.id = id
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.standardInput = standardInput
        self.mergesStandardError = mergesStandardError
        self.wallTimeout = wallTimeout
        self.idleTimeout = idleTimeout
        self.outputCap = outputCap
        self.stopStages = stopStages
    }

    /// Writes the `spec` file into `directory`, which it makes (mode 0700) when it is missing.
    ///
    /// Only the owner can read the file: environments hold secrets. The shim removes it once the command runs.
    /// Throws `ShimError` for a value that cannot be passed to a program, such as one with a NUL.
    package func write(to attempt: String) throws {
        let bytes = try encoded()
        guard mkdir(attempt, 0o700) == 0 || errno == EEXIST else { throw ShimError("make \"\(attempt)\"") }
        let temporary = attempt + "/spec.new"
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
        let file = runner_open(temporary, flags, 0o600)
        guard file >= 0 else { throw ShimError("write \"\(temporary)\"") }
        defer { close(file) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else {
                let failure = ShimError("write \"\(temporary)\"")
                unlink(temporary)
                throw failure
            }
            rest = rest.dropFirst(count)
        }
        guard rename(temporary, attempt + "/spec") == 0 else { throw ShimError("write spec") }
    }
}
