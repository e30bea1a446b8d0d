import CPlatform
import Glibc

/// Blocks until one shim has ended, ringing when output has grown on the way.
struct ShimWatch: Sendable {
    let directory: String
    let program: ShimProgram
    /// The shim, when it is a child of this process that has to be reaped.
    let child: pid_t?
    let process: ShimProcess?
    let ringer: AsyncStream<Void>.Continuation
    /// Owned; nil for an adopted shim, whose pipe went with its first worker.
    let bell: Int32?

    /// After the last ring another one follows when nothing came for this long, so that an unfinished line is shown.
    private static let quietInterval: Int32 = 300
    /// Without a bell the files are looked at this often; milliseconds.
    private static let pollInterval: Int32 = 100
    /// The shim's exit status for "another shim lives".
    private static let taken: Int32 = 75

    /// Returns the exit record, which for a lost attempt is made here.
    ///
    /// While a shim lives that cannot be watched, `onPoll` is called again and again.
    func run(onPoll: () -> Void) throws -> AttemptExit {
        watch()
        if let child { _ = ShimProgram.reap(child) }
        while true {
            if let exit = try AttemptExit.read(from: directory) { return exit }
            let status = try endLost()
            if let exit = try AttemptExit.read(from: directory) { return exit }
            guard status == ShimWatch.taken else {
                throw ShimError("clear up after the lost shim of \"\(directory)\"\(diagnostics())", code: 0)
            }
            // The shim lives but its process cannot be watched, as when it has not written its identity yet.
            ringer.yield()
            onPoll()
            usleep(useconds_t(ShimWatch.pollInterval) * 1000)
        }
    }

    private func watch() {
        let ending = process?.open() ?? -1
        var bell = self.bell ?? -1
        defer {
            if ending >= 0 { close(ending) }
            if bell >= 0 { close(bell) }
        }
        var size = outputSize()
        var isQuiet = true
        while ending >= 0 || bell >= 0 {
            var watched = [
                pollfd(fd: ending, events: Int16(POLLIN), revents: 0),
                pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
            ]
            let patience = bell < 0 ? ShimWatch.pollInterval : isQuiet ? -1 : ShimWatch.quietInterval
            let ready = poll(&watched, 2, patience)
            if watched[1].revents != 0 {
                isQuiet = false
                if !takeBell(bell) {
                    close(bell)
                    bell = -1
                }
            } else if ready == 0, !isQuiet {
                isQuiet = true
                ringer.yield()
            }
            if bell < 0, outputSize() != size {
                size = outputSize()
                isQuiet = false
                ringer.yield()
            }
            if watched[0].revents != 0 { return }
        }
    }

    /// Empties the pipe before ringing, so that what is written after this rings again; false at its end.
    private func takeBell(_ bell: Int32) -> Bool {
        var bytes: (UInt64, UInt64) = (0, 0)
        let count = read(bell, &bytes, MemoryLayout.size(ofValue: bytes))
        if count > 0 { ringer.yield() }
        return count > 0 || (count < 0 && errno == EINTR)
    }

    private func outputSize() -> Int {
        ["/stdout", "/stderr"].reduce(0) { sum, name in
            var info = stat()
            return stat(directory + name, &info) == 0 ? sum + Int(info.st_size) : sum
        }
    }

    /// What the shim last said, for the error text.
    private func diagnostics() -> String {
        var reader = OutputReader(directory: directory, stream: .log)
        let text = String(decoding: (try? reader.readNew()) ?? [], as: UTF8.self)
        return text.split(separator: "\n").last.map { " (\($0))" } ?? ""
    }

    private func endLost() throws -> Int32? {
        let null = runner_open("/dev/null", O_WRONLY | O_CLOEXEC, 0)
        guard null >= 0 else { throw ShimError("open /dev/null") }
        defer { close(null) }
        let pid = try program.spawn(["--end", directory], output: null, log: directory + "/shim.log")
        return ShimProgram.reap(pid)
    }
}
