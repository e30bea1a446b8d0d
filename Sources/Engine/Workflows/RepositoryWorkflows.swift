import Git
import RunnerCore

/// The workflows that a repository brings, and whether a person allowed them here.
struct RepositoryWorkflows: Sendable {
    let place: WorkflowPlace
    let hub: Hub

    static let folder = ".runner/workflows"
    private static let sizeLimit = 1 << 20

    init(_ place: WorkflowPlace, home: RunnerHome) {
        self.place = place
        hub = Hub(path: home.hub(place.repository.id.description))
    }

    /// Their names at the commit, sorted; blocks.
    func names() throws -> [String] {
        let files = try hub.open().files(inFolder: Self.folder, of: place.base.commit)
        return Set(files.compactMap(WorkflowCatalog.name(ofFile:))).sorted()
    }

    /// Nil when the repository has no such file there; blocks.
    func read(_ name: String) throws -> WorkflowCatalog.Unread? {
        let git = try hub.open()
        guard !name.contains("/") else { return nil }
        for ending in ["yaml", "yml"] {
            let path = "\(Self.folder)/\(name).\(ending)"
            do throws(GitError) {
                guard let bytes = try git.file(path, in: place.base.commit, limit: Self.sizeLimit) else { continue }
                return WorkflowCatalog.Unread(origin: "repository:\(name)", bytes: bytes, kind: .repository)
            } catch {
                throw EngineError(.invalidWorkflow, "\"\(path)\" of \"\(place.repository.name)\": \(error.message)")
            }
        }
        return nil
    }

    func isAllowed(_ checksum: String) -> Bool {
        place.repository.settings.allowedScripts?.contains(checksum) == true
    }

    /// Throws `wrongState`, with how to allow it, for a text that nobody allowed; nothing of it was parsed before.
    func checkAllowed(_ unread: WorkflowCatalog.Unread, named name: String) throws {
        let checksum = WorkflowCatalog.checksum(unread.bytes)
        guard !isAllowed(checksum) else { return }
        let repository = place.repository.name
        let base = place.base.name.map { " --base \($0)" } ?? ""
        throw EngineError(
            .wrongState, "\"\(repository)\" brings the workflow \"\(name)\", which nobody has allowed here",
            hint: "read it with runner workflow show repository:\(name) --repo \(repository)\(base), "
                + "then allow it with runner repo allow \(repository) \(checksum)"
                + (WorkflowCatalog.bundledNames.contains(name)
                    ? ", or take the bundled one with --workflow bundled:\(name)" : ""))
    }
}
