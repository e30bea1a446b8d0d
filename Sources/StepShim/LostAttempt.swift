import Glibc

/// Clears up after a shim that died without a record: `runner-shim --end <attempt-directory>`.
enum LostAttempt {
    private static let killLimit: Int64 = 10_000

    /// Ends every process with the attempt's marker or in its cgroup and writes the exit record; does nothing when there is one.
    ///
    /// Holds the attempt's lock, so that a shim which comes late cannot start the command any more.
    static func end(directory path: String) -> Int32 {
        do {
            let directory = try AttemptDirectory(path: path)
            guard try directory.lock() else {
                Diagnostics.write("runner-shim: the attempt's shim is alive")
                return ShimStatus.taken
            }
            guard !directory.contains("exit") else { return ShimStatus.recorded }
            var record = ExitRecord(reason: .lost)
            record.error = "the supervisor of this attempt died"
            if let identity = try? directory.read("identity", limit: 65536), let marker = value("marker", in: identity)
            {
                sweep(marker, cgroup: cgroup(identity, marker), into: &record)
            }
            record.standardOutput = directory.totals(of: "stdout")
            record.standardError = directory.totals(of: "stderr")
            directory.remove(CommandSpec.fileName)
            try directory.writeDurably(record.json(), as: "exit")
            directory.remove("exit.reserve")
            return ShimStatus.recorded
        } catch {
            Diagnostics.write("runner-shim: \(error)")
            return ShimStatus.unusable
        }
    }

    /// A text of `identity`; without that file the command never ran.
    private static func value(_ name: String, in bytes: [UInt8]) -> [UInt8]? {
        let key = Array("\"\(name)\":\"".utf8)
        guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: key) }) else { return nil }
        let value = bytes[(start + key.count)...].prefix { $0 != UInt8(ascii: "\"") }
        return value.isEmpty ? nil : Array(value)
    }

    private static func cgroup(_ identity: [UInt8], _ marker: [UInt8]) -> Cgroup? {
        guard let path = value("cgroup", in: identity) else { return nil }
        let id = marker.dropFirst(CommandSpec.markerName.utf8.count)
        return Cgroup(recorded: String(decoding: path, as: UTF8.self), for: String(decoding: id, as: UTF8.self))
    }

    private static func sweep(_ marker: [UInt8], cgroup: Cgroup?, into record: inout ExitRecord) {
        let family = ProcessFamily(marker: marker, root: nil, since: 0, cgroup: cgroup)
        record.killScope = cgroup == nil ? "subreaper" : "cgroup"
        let begin = ShimClock.monotonic()
        var sweep = Sweep()
        var left = family.members()
        while !left.isEmpty, ShimClock.monotonic() - begin < killLimit {
            family.killAtOnce()
            sweep.end(left, with: SIGKILL)
            usleep(5000)
            left = family.members()
        }
        record.survivorsKilled = sweep.count - left.count
        record.survivorsLeft = left.count
        if left.isEmpty { cgroup?.remove() }
    }
}
