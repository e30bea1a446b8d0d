extension AttemptSpec {
    /// The bytes of the `spec` file: records, each followed by a NUL; `CommandSpec` in the shim reads them.
    func encoded() throws -> [UInt8] {
        try validate()
        var records = ["runner-shim-spec 1"]
        records += arguments.map { "arg=" + $0 }
        records += completeEnvironment.map { "env=\($0.key)=\($0.value)" }
        records.append("cwd=" + directory)
        if let standardInput { records.append("stdin=" + standardInput) }
        if mergesStandardError { records.append("merge=1") }
        if let wallTimeout { records.append("wall=\(wallTimeout.wholeMilliseconds)") }
        if let idleTimeout { records.append("idle=\(idleTimeout.wholeMilliseconds)") }
        records.append("cap=\(outputCap)")
        if outputTail > 0 { records.append("tail=\(outputTail)") }
        if !usesCgroup { records.append("cgroup=0") }
        if let openFiles { records.append("files=\(openFiles)") }
        if let lifeLine { records.append("life=" + lifeLine) }
        for stage in stopStages {
            records.append("stop=\(stage.signal):\(stage.scope.rawValue):\(stage.wait.wholeMilliseconds)")
        }
        records.append("end")
        guard !records.contains(where: { $0.utf8.contains(0) }) else {
            throw ShimError("a NUL cannot be passed to a program", code: 0)
        }
        return records.flatMap { Array($0.utf8) + [0] }
    }

    /// Sorted, so that equal specs have equal bytes.
    private var completeEnvironment: [(key: String, value: String)] {
        environment.merging([AttemptSpec.markerName: id]) { _, id in id }.sorted { $0.key < $1.key }
    }

    private func validate() throws {
        let isPlain = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default:
                false
            }
        }
        guard isPlain, !id.isEmpty else { throw ShimError("the attempt id is not plain", code: 0) }
        guard let program = arguments.first, !program.isEmpty else { throw ShimError("no command to run", code: 0) }
        guard directory.utf8.first == UInt8(ascii: "/") else {
            throw ShimError("the working directory is not absolute", code: 0)
        }
        guard !environment.keys.contains(where: { $0.isEmpty || $0.utf8.contains(UInt8(ascii: "=")) }) else {
            throw ShimError("an environment variable has an impossible name", code: 0)
        }
        guard outputCap >= 0, stopStages.allSatisfy({ (1...64).contains($0.signal) }) else {
            throw ShimError("the output cap or a stop signal is out of range", code: 0)
        }
    }
}

extension Duration {
    /// Rounded up, never negative, and so short that adding it to a clock cannot overflow.
    fileprivate var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return min(seconds, 1 << 40) * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
