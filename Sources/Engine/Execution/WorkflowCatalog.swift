import Foundation
package import RunnerCore

/// Finds workflow files: a path, the user's folder, or one of those inside the binary.
package struct WorkflowCatalog: Sendable {
    package struct Found: Sendable {
        package let name: String
        /// Where it came from, for messages: a path or `bundled:NAME`.
        package let origin: String
        package let source: String
        package let definition: WorkflowDefinition
    }

    /// `$XDG_CONFIG_HOME/runner/workflows`, when a home is known.
    private let userFolder: String?

    package init(environment: [String: String]) {
        let config =
            environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? environment["HOME"].map { $0 + "/.config" }
        userFolder = config.map { $0 + "/runner/workflows" }
    }

    /// The names of the bundled workflows, sorted.
    package static var bundledNames: [String] {
        EmbeddedText.files.compactMap { $0.name.hasSuffix(".yaml") ? String($0.name.dropLast(5)) : nil }.sorted()
    }

    /// Loads and checks the workflow that `name` means; `name` with a slash or a `.yaml` ending is a path.
    package func load(_ name: String, knownAgents: Set<String>) throws -> Found {
        let (origin, bytes) = try read(name)
        let definition = try WorkflowParser.parse(bytes, file: origin, knownAgents: knownAgents)
        return Found(
            name: definition.name, origin: origin, source: String(decoding: bytes, as: UTF8.self),
            definition: definition)
    }

    /// The workflows that `definition` calls, and those that they call, by name.
    func called(by definition: WorkflowDefinition) throws -> [String: Found] {
        var found: [String: Found] = [:]
        var wanted = definition.calledNames
        while let name = wanted.popLast() {
            guard found[name] == nil else { continue }
            // A file that somebody else's workflow names is none that the person named.
            guard !name.contains("/"), !name.hasSuffix(".yaml"), !name.hasSuffix(".yml") else {
                throw EngineError(
                    .invalidWorkflow, "a workflow calls \"\(name)\", which is a path", hint: "call it by its name")
            }
            let workflow = try load(name, knownAgents: AgentCatalog.workflowNames)
            found[name] = workflow
            wanted += workflow.definition.calledNames
        }
        return found
    }

    /// The definitions of kept sources, by name.
    static func parsed(_ sources: [String: String]) throws -> [String: WorkflowDefinition] {
        try Dictionary(
            uniqueKeysWithValues: sources.map { name, source in
                (name, try WorkflowParser.parse(source, file: name, knownAgents: AgentCatalog.workflowNames))
            })
    }

    private func read(_ name: String) throws -> (origin: String, bytes: [UInt8]) {
        if name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            return (name, try contents(RunnerHome.absolute(name), named: name))
        }
        if let userFolder {
            for ending in ["yaml", "yml"] {
                let path = "\(userFolder)/\(name).\(ending)"
                if FileManager.default.fileExists(atPath: path) { return (path, try contents(path, named: path)) }
            }
        }
        if let file = EmbeddedText.files.first(where: { $0.name == "\(name).yaml" }) {
            return ("bundled:\(name)", Array(file.text.utf8))
        }
        let names = WorkflowCatalog.bundledNames.joined(separator: ", ")
        throw EngineError(
            .unknownWorkflow, "there is no workflow \"\(name)\"",
            hint: "use one of \(names), or the path of a YAML file")
    }

    private func contents(_ path: String, named name: String) throws -> [UInt8] {
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
        guard let attributes, attributes[.type] as? FileAttributeType == .typeRegular else {
            throw EngineError(
                .unknownWorkflow, "there is no workflow file \"\(name)\"", hint: "check the path")
        }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw EngineError(
                .unknownWorkflow, "the workflow file \"\(name)\" cannot be read", hint: "check its permissions")
        }
        defer { try? handle.close() }
        // One byte above the parser's limit is enough for it to refuse the file.
        return Array(try handle.read(upToCount: (1 << 20) + 1) ?? Data())
    }
}

extension WorkflowCatalog.Found {
    /// The workflow with those that it calls in place.
    func linked(_ called: [String: WorkflowCatalog.Found]) throws -> WorkflowDefinition {
        do {
            return try definition.linked(called.mapValues(\.definition))
        } catch {
            throw EngineError(.invalidWorkflow, "\(origin): \(error)", hint: "see runner workflow show")
        }
    }
}
