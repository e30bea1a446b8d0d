import Glibc

/// What to run and within which limits: the content of `spec`.
///
/// The file is `runner-shim-spec 1`, then `key=value` records, then `end`, each followed by a NUL. A truncated file,
/// an unknown key or a bad number is refused: running with half a specification could be worse than not running.
struct CommandSpec {
    static let fileName = "spec"
    /// Linux takes about 2 MiB of arguments and environment.
    static let sizeLimit = 16 << 20
    static let markerName = "RUNNER_ATTEMPT="

    var arguments: [String] = []
    /// `NAME=value` entries, handed to the command exactly and completely.
    var environment: [String] = []
    var directory = ""
    var standardInput = "/dev/null"
    var mergesStandardError = false
    /// Milliseconds from the start of the command; nil for no limit.
    var wallTimeout: Int64?
    /// Milliseconds without a byte of output; nil for no limit.
    var idleTimeout: Int64?
    /// Bytes kept of each stream.
    var outputCap = Int64.max
    /// How many of them are kept for its end; 0 keeps the beginning only.
    var outputTail: Int64 = 0
    /// Whether the attempt may have a cgroup of its own.
    var usesCgroup = true
    /// How many files the command may have open, at most; nil for as many as the shim.
    var openFiles: Int64?
    /// A file with the moment until which the command may go on without a worker; nil for no such limit.
    var lifeLine: String?
    /// What is tried, in order, before SIGKILL.
    var stopStages: [StopStage] = []
    /// The environment entry by which every process of this attempt is known.
    var marker = ""

    /// The attempt's id, which the marker carries.
    var id: String { String(marker.dropFirst(CommandSpec.markerName.count)) }

    init(parsing bytes: [UInt8]) throws {
        var records = bytes.split(separator: 0, omittingEmptySubsequences: false)
        guard records.popLast()?.isEmpty == true, records.popLast().map(Array.init) == Array("end".utf8) else {
            throw CommandSpec.refusal("truncated")
        }
        guard records.first.map(Array.init) == Array("runner-shim-spec 1".utf8) else {
            throw CommandSpec.refusal("unknown version")
        }
        for record in records.dropFirst() {
            // By bytes: as Characters, "=" and a combining mark after it would be one.
            guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
                throw CommandSpec.refusal("record without a value")
            }
            let value = String(decoding: record[(equals + 1)...], as: UTF8.self)
            try set(String(decoding: record[..<equals], as: UTF8.self), to: value)
        }
        guard let command = arguments.first, !command.isEmpty else { throw CommandSpec.refusal("no command") }
        guard directory.utf8.first == UInt8(ascii: "/") else {
            throw CommandSpec.refusal("no absolute working directory")
        }
        guard marker.utf8.count > CommandSpec.markerName.utf8.count else {
            throw CommandSpec.refusal("no attempt marker")
        }
    }

    private mutating func set(_ key: String, to value: String) throws {
        switch key {
        case "arg": arguments.append(value)
        case "env":
            environment.append(value)
            if value.utf8.starts(with: CommandSpec.markerName.utf8) { marker = value }
        case "cwd": directory = value
        case "stdin": standardInput = value
        case "merge": mergesStandardError = value == "1"
        case "wall": wallTimeout = try CommandSpec.number(value, of: key)
        case "idle": idleTimeout = try CommandSpec.number(value, of: key)
        case "cap": outputCap = try CommandSpec.number(value, of: key)
        case "tail": outputTail = try CommandSpec.number(value, of: key)
        case "cgroup": usesCgroup = value != "0"
        case "files": openFiles = try CommandSpec.number(value, of: key)
        case "life": lifeLine = value
        case "stop": stopStages.append(try StopStage(parsing: value))
        default: throw CommandSpec.refusal("unknown key \"\(key)\"")
        }
    }

    private static func number(_ text: String, of key: String) throws -> Int64 {
        guard let value = Int64(text), value >= 0 else { throw refusal("bad number for \"\(key)\"") }
        return value
    }

    static func refusal(_ reason: String) -> ShimFailure {
        ShimFailure("the attempt's specification cannot be used (\(reason))", code: 0)
    }

    func outputFile(_ name: String, in directory: AttemptDirectory) throws -> OutputFile {
        try OutputFile(in: directory, name: name, cap: outputCap, tail: outputTail)
    }
}
