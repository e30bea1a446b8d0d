import Agents
import Foundation
import RunnerCore
import Store

/// Finds out whether agents can work on this machine; runs nothing of them but their version probe.
package struct AgentExaminer: Sendable {
    private let settings: RunnerSettings
    private let files: AgentFiles

    package init(settings: RunnerSettings) {
        self.settings = settings
        files = AgentFiles(environment: settings.environment)
    }

    /// The agent `name`, or all of them, in the order of their names. Throws for an unknown name only.
    package func examine(_ name: String?) async throws -> [AgentExamination] {
        if let name, !AgentCatalog.names.contains(name) { throw AgentCatalog.unknown(name) }
        let limits = await openLimits()
        var found: [AgentExamination] = []
        for name in name.map({ [$0] }) ?? AgentCatalog.names { found.append(await agent(name, limits)) }
        return found
    }

    private func agent(_ name: String, _ limits: [AccountLimit]) async -> AgentExamination {
        var found = AgentExamination(name: name)
        if let folder = files.folder, files.names.contains(name) { found.file = "\(folder)/\(name).yaml" }
        let adapter: any AgentAdapter
        let options: [String: JSONValue]
        do {
            adapter = try AgentCatalog.adapter(name)
            options = try AgentCatalog.defaults(of: adapter)
        } catch {
            found.find(.failed, "\(error)", "correct the file, or begin with: runner agent set \(name) key=value")
            return found
        }
        found.type = files.type(of: adapter)
        found.evidence = adapter.evidence
        found.reports = adapter.facts.reports.sorted { $0.rawValue < $1.rawValue }
        found.provenVersion = adapter.facts.provenVersion
        found.program = adapter.program
        await look(for: adapter, &found)
        guard found.path != nil || found.program == nil else { return found }
        credentials(adapter, options, &found)
        limit(name, options, limits, &found)
        return found
    }

    private func look(for adapter: any AgentAdapter, _ found: inout AgentExamination) async {
        let path = settings.environment["PATH"]
        found.path = found.program.flatMap { ProgramPath.find($0, on: path) }
        if let program = found.program, found.path == nil {
            found.find(.missing, "there is no \"\(program)\" on PATH", adapter.installation ?? "install \"\(program)\"")
            return
        }
        guard let probe = adapter.versionProbe else { return }
        switch await VersionProbe(environment: settings.environment).ask(probe) {
        case .notFound: found.find(.missing, "there is no \"\(probe.first ?? "")\" on PATH", nil)
        case .failed(let reason, _): found.find(.failed, reason, "try it by hand: \(probe.joined(separator: " "))")
        case .version(let line, _): found.version = Redaction.redactCredentials(in: line)
        }
    }

    private func credentials(
        _ adapter: any AgentAdapter, _ options: [String: JSONValue], _ found: inout AgentExamination
    ) {
        let facts = adapter.facts
        let environment = settings.environment
        found.credentials =
            facts.keys.filter { environment[$0]?.isEmpty == false }
            + facts.logins.filter { login in
                login.path(environment: environment).map { FileManager.default.fileExists(atPath: $0) } ?? false
            }.map(\.text)
        found.looksFor = facts.keys + facts.logins.map(\.text)
        guard found.credentials.isEmpty, !facts.mayHideLogin, !found.looksFor.isEmpty else { return }
        found.find(
            .missing, "neither a key nor a login of it was found",
            "log in with it, or set one of \(facts.keys.joined(separator: ", "))")
    }

    private func limit(
        _ name: String, _ options: [String: JSONValue], _ limits: [AccountLimit], _ found: inout AgentExamination
    ) {
        let account = StepCommand.account(
            agent: name, options: options, declared: [:], callerEnvironment: settings.environment)
        guard let limit = limits.first(where: { $0.account == account }) else { return }
        found.closedSeconds = limit.seconds
        found.closedReason = limit.reason
        found.find(
            .failed, "its account is closed by a limit for \(Int(limit.seconds.rounded(.up))) s: \(limit.reason)",
            "wait, or open it: runner agent limits --lift \(limit.account)")
    }

    /// None where nothing was run yet, and where the database cannot be asked: `runner doctor` tells of that.
    private func openLimits() async -> [AccountLimit] {
        guard settings.storage == .server || FileManager.default.fileExists(atPath: settings.home.root),
            let workspace = try? await Workspace.open(settings)
        else { return [] }
        let limits = try? await workspace.store.openLimits()
        await workspace.close()
        return limits ?? []
    }
}
