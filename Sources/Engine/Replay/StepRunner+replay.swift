import BlockingIO
import Foundation
import Git
import RunnerCore
import Store

extension StepRunner {
    /// In a replay no agent is started, so there is nothing to refuse to root.
    func environment(for job: StepJob) -> [String: String] {
        job.replay == nil ? callerEnvironment : callerEnvironment.merging(["IS_SANDBOX": "1"]) { $1 }
    }

    /// The command, or its recording where there is one to play.
    func played(_ job: StepJob, _ command: StepCommand, _ files: StepFiles) async throws -> StepCommand {
        guard let recording = try await recording(for: job) else { return command }
        return try command.playing(recording, files)
    }

    /// What the attempt plays; nil when it is none of a replay's agents.
    ///
    /// The first attempt of a step plays the first recorded one, and so on; further ones play the last.
    private func recording(for job: StepJob) async throws -> RecordedAttempt? {
        guard let origin = job.replay, case .agent = job.step.body else { return nil }
        guard let recorded = try await origin.attempts(of: job.record.key, in: store) else {
            throw EngineError(.wrongState, "task \(origin.task) has no step \"\(job.record.key)\" to replay")
        }
        guard !recorded.isEmpty else {
            throw EngineError(.wrongState, "the agent of step \"\(job.record.key)\" did not run in task \(origin.task)")
        }
        let attempt = recorded[min(job.attempt.number, recorded.count) - 1]
        let hub = Hub(path: home.hub(job.repository.id.description))
        let patch = try await lane.run { () -> [UInt8] in
            guard let from = attempt.commitBefore.flatMap({ ObjectID($0) }),
                let to = attempt.commitAfter.flatMap({ ObjectID($0) }), from != to
            else { return [] }
            return try Git.Diff.patch(try hub.open(), from: from, to: to)
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let facts = try? decoder.decode(StepFacts.self, from: JSONEncoder().encode(attempt.output))
        // What an agent left in files is told by its output, as when the output is decoded again.
        let reports = try await store.agentReports(of: attempt.id).map { Array("\n\($0)".utf8) } ?? []
        var recording = RecordedAttempt(
            stdout: try await output(of: attempt, .stdout) + reports, stderr: try await output(of: attempt, .stderr),
            exitStatus: attempt.exitCode ?? attempt.signal.map { 128 + $0 } ?? 1, patch: patch)
        recording.outputs = facts?.outputs ?? [:]
        recording.summary = facts?.summary
        // Those that the step declares come from the worktree again.
        for kept in try await store.handedOver(by: attempt.id) where job.step.contract.artifacts[kept.name] == nil {
            recording.artifacts[kept.name] = try await bytes(of: kept, in: hub)
        }
        return recording
    }

    private func bytes(of kept: NewArtifact, in hub: Hub) async throws -> [UInt8] {
        if let content = kept.content { return content }
        let hex = kept.location?.dropFirst(ArtifactKeeper.scheme.count).description ?? ""
        let found = try await lane.run { () -> [UInt8]? in
            guard let id = ObjectID(hex) else { return nil }
            return try hub.open().blob(id)
        }
        guard let found else {
            throw EngineError(
                .wrongState, "the bytes of the artifact \"\(kept.name)\" are not in the clone on this host")
        }
        return found
    }

    private func output(of attempt: AttemptRecord, _ stream: LogStream) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let (offset, piece) = try await store.nextLog(attempt.id, stream, from: bytes.count)
            guard offset == bytes.count, !piece.isEmpty else { return bytes }
            bytes += piece
        }
    }
}

extension StepJob {
    /// Nil unless the run is a replay.
    var replay: ReplayOrigin? {
        guard let origin = run.context["replay"], origin != .null, let data = try? JSONEncoder().encode(origin) else {
            return nil
        }
        return try? JSONDecoder().decode(ReplayOrigin.self, from: data)
    }
}

extension ReplayOrigin {
    /// What is played of a step, in order; nil where the run has no such step.
    func attempts(of key: String, in store: Store) async throws -> [AttemptRecord]? {
        guard let step = try await store.steps(of: run).first(where: { $0.key == key }) else { return nil }
        return try await store.attempts(of: run)
            .filter { $0.stepID == step.id && $0.isReplayable }.sorted { $0.number < $1.number }
    }
}

extension AttemptRecord {
    /// It came to an end that its agent brought about.
    var isReplayable: Bool { status == .succeeded || status == .failed }
}

extension StepOutcome {
    /// A replay used no tokens, and nobody can go on with its session.
    mutating func forgetCosts() {
        attempt.costUSD = nil
        attempt.usage = nil
        attempt.agentSessionID = nil
        agent?.usage = []
        agent?.totals = nil
        agent?.limit = nil
    }
}
