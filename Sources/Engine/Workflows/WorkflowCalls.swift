import RunnerCore

/// The workflows that one to be validated calls, and those that they call, as far as they can be found.
package struct WorkflowCalls: Sendable {
    private let caller: WorkflowCatalog.Found
    private let catalog: WorkflowCatalog
    private var called: [String: WorkflowDefinition] = [:]
    /// Why there is no workflow of a name.
    private var missing: [String: String] = [:]
    /// What is there and is no workflow as it stands; its own validation says why.
    private var unreadable: Set<String> = []
    /// What only the database or a repository can know.
    private var open: [String] = []
    /// Whether there is a database or a repository whose workflows come before those of the program.
    private let hidesBundled: Bool

    /// Looks into the user's folder, the program and the folder of the file; the database is not needed for it.
    package init(of caller: WorkflowCatalog.Found, in catalog: WorkflowCatalog, hidesBundled: Bool) {
        (self.caller, self.catalog, self.hidesBundled) = (caller, catalog, hidesBundled)
        look(for: caller.definition.calledNames)
    }

    /// Whether names are left that only `ask` can find.
    package var isOpen: Bool { !open.isEmpty }

    private mutating func look(for names: [String]) {
        var wanted = names
        while let name = wanted.popLast() {
            // A call of the caller is a circle, wherever its text is found.
            guard name != caller.definition.name, called[name] == nil, !unreadable.contains(name), !open.contains(name)
            else { continue }
            do {
                let beside = caller.kind == .file ? caller.origin : nil
                guard let found = try catalog.nearby(name, beside: beside), !mayBeHidden(found, as: name) else {
                    open.append(name)
                    continue
                }
                let definition = try found.read().definition
                called[name] = definition
                wanted += definition.calledNames
            } catch {
                unreadable.insert(name)
            }
        }
    }

    private func mayBeHidden(_ found: WorkflowCatalog.Unread, as name: String) -> Bool {
        guard hidesBundled, found.kind == .bundled, case .name = WorkflowReference(name) else { return false }
        return true
    }

    /// Looks for what is left in every source.
    package mutating func ask(_ finder: WorkflowFinder, in place: WorkflowPlace?) async throws {
        while let name = open.popLast() {
            guard missing[name] == nil else { continue }
            missing[name] = try await finder.problem(withCall: name, in: place)
            guard missing[name] == nil else { continue }
            do {
                let definition = try await finder.find(name, in: place).definition
                called[name] = definition
                look(for: definition.calledNames)
            } catch is WorkflowErrors {
                unreadable.insert(name)
            }
        }
    }

    /// Why the caller cannot call the workflow `name`, as one sentence.
    func problem(with name: String) -> String? {
        caller.definition.circle(calling: name, among: called)?.description ?? missing[name]
    }

    /// What a start refuses with all calls in place; nil where not all could be looked into.
    var problemTogether: WorkflowCallError? {
        guard missing.isEmpty, unreadable.isEmpty, open.isEmpty else { return nil }
        do {
            _ = try caller.definition.linked(called)
            return nil
        } catch {
            return error
        }
    }
}
