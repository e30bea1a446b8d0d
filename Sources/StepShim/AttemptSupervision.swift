import CPlatform
import Glibc

/// The shim's work on one attempt, from the lock to the exit record.
enum AttemptSupervision {
    /// Returns the shim's own exit status; how the command ended is in the directory.
    static func run(directory path: String) -> Int32 {
        do {
            let directory = try AttemptDirectory(path: path)
            guard try directory.lock() else { return refuse() }
            guard !directory.contains("identity"), !directory.contains("exit") else {
                directory.remove(CommandSpec.fileName)
                return refuse()
            }
            let reserved = try ReservedRecord(in: directory)
            let record = supervise(directory)
            // The environment in it may hold secrets, and nobody needs it any more.
            directory.remove(CommandSpec.fileName)
            try reserved.write(record)
            return ShimStatus.recorded
        } catch {
            Diagnostics.write("runner-shim: \(error)")
            return ShimStatus.unusable
        }
    }

    private static func refuse() -> Int32 {
        Diagnostics.write("runner-shim: this attempt was already started")
        return ShimStatus.taken
    }

    private static func supervise(_ directory: AttemptDirectory) -> ExitRecord {
        do {
            return try start(in: directory).run()
        } catch {
            var record = ExitRecord(reason: .spawnFailed)
            record.error = "\(error)"
            record.errorCode = (error as? SpawnFailure)?.code ?? (error as? ShimFailure)?.code
            record.exitCode = (error as? SpawnFailure)?.exitCode ?? 126
            return record
        }
    }

    /// Starts the command, after its identity is on disk.
    private static func start(in directory: AttemptDirectory) throws -> Supervisor {
        let signals = try SignalInbox()
        try ProcessSetup.detach()
        let bytes = try directory.read(CommandSpec.fileName, limit: CommandSpec.sizeLimit)
        let spec = try CommandSpec(parsing: bytes)
        let input = try openInput(spec.standardInput)
        let output = try PipePair()
        let error = spec.mergesStandardError ? nil : try PipePair()
        var outputs = [OutputDrain(pipe: output.reading, file: try spec.outputFile("stdout", in: directory))]
        if let error {
            outputs.append(OutputDrain(pipe: error.reading, file: try spec.outputFile("stderr", in: directory)))
        }
        let made = spec.usesCgroup ? Cgroup.make(for: spec.id) : nil
        let command: CommandProcess
        do {
            command = try CommandProcess.prepare(
                spec, input: input, output: output.writing, error: (error ?? output).writing, in: made)
        } catch {
            made?.remove()
            throw error
        }
        let cgroup = made.flatMap { confine(command, in: $0) }
        do {
            let identity = try IdentityRecord(command: command.pid, marker: spec.marker, cgroup: cgroup)
            try directory.writeDurably(identity.json(), as: "identity")
            let family = ProcessFamily(
                marker: Array(spec.marker.utf8), root: getpid(), since: identity.shim.start, cgroup: cgroup)
            let supervisor = Supervisor(
                spec: spec, pid: command.pid, family: family, outputs: outputs, signals: signals)
            try command.start()
            directory.remove(CommandSpec.fileName)
            return supervisor
        } catch {
            command.abandon()
            cgroup?.remove()
            throw error
        }
    }

    /// The waiting child in a cgroup of its own, so that all it will ever start is born there.
    private static func confine(_ command: CommandProcess, in cgroup: Cgroup) -> Cgroup? {
        if command.isConfined || cgroup.add(command.pid) { return cgroup }
        cgroup.remove()
        return nil
    }

    private static func openInput(_ path: String) throws -> Int32 {
        // Without O_NONBLOCK a named pipe that nobody writes to would hold the shim here for ever.
        let file = runner_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0)
        guard file >= 0 else { throw ShimFailure("open standard input") }
        _ = runner_set_nonblocking(file, 0)
        return file
    }
}
