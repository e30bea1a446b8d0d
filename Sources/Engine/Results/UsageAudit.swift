import Agents
import Foundation
package import RunnerCore
import Store

/// Reckons the ledger again from the raw output of the attempts and compares.
package struct UsageAudit: Sendable {
    package struct Finding: Sendable, Codable {
        package enum Verdict: String, Sendable, Codable {
            case equal, different
            /// Its output is not complete any more.
            case unknown
        }

        package var task: Int
        package var step: String
        package var attempt: Int
        package var agent: String
        package var verdict: Verdict
        /// What differs, or why nothing can be said.
        package var detail: String?
    }

    private let store: Store
    private let settings: RunnerSettings

    package init(workspace: Workspace) {
        store = workspace.store
        settings = workspace.settings
    }

    /// One finding for each attempt of an agent that is in the ledger, of one task or of all.
    package func run(task: TaskID? = nil) async throws -> [Finding] {
        var findings: [Finding] = []
        var runs: [RunID: RunRecord] = [:]
        for row in try await store.ledger(of: task) {
            if runs[row.runID] == nil { runs[row.runID] = try await store.run(row.runID) }
            // What a replay played is in the ledger of the run that it comes from.
            guard let run = runs[row.runID], run.context["replay"] ?? .null == .null else { continue }
            let (verdict, detail) = try await check(row, run)
            findings.append(
                Finding(
                    task: row.taskNumber, step: row.stepKey, attempt: row.attempt.number,
                    agent: row.attempt.agent ?? "", verdict: verdict, detail: detail))
        }
        return findings
    }

    private func check(_ row: LedgerRow, _ run: RunRecord) async throws -> (Finding.Verdict, String?) {
        let attempt = row.attempt
        if attempt.logRemovedAt != nil { return (.unknown, "its output was removed") }
        if let log = attempt.log, log.missing > 0 { return (.unknown, "\(log.missing) bytes of output are missing") }
        guard let name = attempt.agent, let adapter = try? AgentCatalog.adapter(name) else {
            return (.unknown, "there is no such agent any more")
        }
        var decoder = adapter.makeDecoder(for: try request(row, run), timeZone: .current)
        for stream in [LogStream.stdout, .stderr] {
            var offset = 0
            while true {
                let bytes = try await store.readLog(attempt.id, stream, from: offset)
                guard !bytes.isEmpty else { break }
                offset += bytes.count
                _ = decoder.feed(Data(bytes), from: stream == .stdout ? .stdout : .stderr, at: attempt.startedAt)
            }
            if stream == .stdout, let reports = row.reports {
                _ = decoder.feed(Data("\n".utf8) + Data(reports.utf8), from: .stdout, at: attempt.startedAt)
            }
        }
        let exit = AgentExit(status: attempt.exitCode, signal: attempt.signal)
        let outcome = decoder.finish(exit, at: attempt.finishedAt ?? attempt.startedAt)
        // The prices that were applied then, also when the table has changed.
        let prices = PriceTable(version: "applied", date: "", entries: row.usage)
        let again = UsageEntry.entries(of: outcome, prices: prices)
        if let difference = UsageAudit.difference(row.usage, again) { return (.different, difference) }
        if attempt.usage != outcome.usage {
            return (
                .different,
                "the attempt has other tokens: \(text(attempt.usage)), from its output \(text(outcome.usage))"
            )
        }
        let cost = UsageEntry.cost(of: outcome, prices: prices)
        guard UsageAudit.isSame(attempt.costUSD, cost) else {
            return (.different, "the attempt has another cost: \(text(attempt.costUSD)), from its output \(text(cost))")
        }
        return (.equal, nil)
    }

    /// As the attempt was begun, as far as it matters to its decoder.
    private func request(_ row: LedgerRow, _ run: RunRecord) throws -> AgentRequest {
        let definition = try WorkflowParser.parse(
            run.workflowSource, file: run.workflowName, knownAgents: AgentCatalog.workflowNames)
        let agents = try RunContext(run.context).agents
        let start = AgentStart(row.attempt)
        var chosen: ChosenAgent?
        if case .agent(let body) = definition.step(row.stepKey)?.body {
            chosen = try? agents.chosen(body, row.attempt.fallbackIndex)
        }
        return AgentRequest(
            model: chosen?.model, resumeSessionID: start.resume?.session, sessionID: row.attempt.id.description,
            options: chosen?.options ?? [:], baseline: start.resume?.baseline)
    }

    private static func difference(_ stored: [UsageEntry], _ again: [UsageEntry]) -> String? {
        let (old, new) = (byModel(stored), byModel(again))
        for model in Set(old.keys).union(new.keys).sorted() {
            guard let before = old[model] else { return "\(model) is not in the ledger" }
            guard let after = new[model] else { return "\(model) is not in the output" }
            if before.tokens != after.tokens {
                return "\(model): \(before.tokens) in the ledger, \(after.tokens) from the output"
            }
            if before.source != after.source || !isSame(before.costUSD, after.costUSD) {
                return "\(model): \(before.costUSD.map { "$\($0)" } ?? "unpriced") in the ledger, "
                    + "\(after.costUSD.map { "$\($0)" } ?? "unpriced") from the output"
            }
        }
        return nil
    }

    private static func byModel(_ entries: [UsageEntry]) -> [String: UsageEntry] {
        Dictionary(entries.map { (String($0.model.prefix(200)), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// To a tenth of a millionth of a dollar: a double that went through decimals is not the same in its last bit.
    private static func isSame(_ one: Double?, _ other: Double?) -> Bool {
        guard let one, let other else { return one == nil && other == nil }
        return abs(one - other) < 1e-7
    }

    private func text(_ value: (some Any)?) -> String { value.map { "\($0)" } ?? "none" }
}
