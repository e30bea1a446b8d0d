import RunnerCore

/// What an attempt of an agent printed and changed, to be played in the agent's place.
struct RecordedAttempt: Sendable {
    let stdout: [UInt8]
    let stderr: [UInt8]
    let exitStatus: Int
    /// For `git apply --binary`; empty when it changed nothing.
    let patch: [UInt8]
    /// What it wrote to `RUNNER_OUTPUT` and `RUNNER_STEP_SUMMARY`.
    var outputs: [String: String] = [:]
    var summary: String?
    /// What it wrote into `RUNNER_ARTIFACTS`, by name.
    var artifacts: [String: [UInt8]] = [:]

    /// Puts the changes into the worktree, prints the streams and ends as the agent did.
    static let player = """
        if [ -s "$1.patch" ] && ! git apply --binary --whitespace=nowarn "$1.patch"; then
          echo "runner replay: the recorded changes do not apply to this worktree" >&2
          exit 97
        fi
        cat "$1.stdout"
        cat "$1.stderr" >&2
        exit "$2"
        """
}

extension StepCommand {
    /// The same command, with the recording in the place of the agent's process.
    func playing(_ recording: RecordedAttempt, _ files: StepFiles) throws -> StepCommand {
        let base = files.folder + "/replay"
        try files.write(recording.patch, to: base + ".patch")
        try files.write(recording.stdout, to: base + ".stdout")
        try files.write(recording.stderr, to: base + ".stderr")
        try files.write(Array(StepOutput.text(of: recording.outputs).utf8), to: files.output)
        if let summary = recording.summary { try files.write(Array(summary.utf8), to: files.summary) }
        for (name, bytes) in recording.artifacts { try files.write(bytes, to: "\(files.artifacts)/\(name)") }
        var spec = spec
        spec.arguments = ["/bin/sh", "-c", RecordedAttempt.player, "replay", base, String(recording.exitStatus)]
        spec.standardInput = nil
        return StepCommand(
            spec: spec, agent: agent, decoder: decoder, reports: [], start: start, outputPath: outputPath,
            summaryPath: summaryPath)
    }
}
