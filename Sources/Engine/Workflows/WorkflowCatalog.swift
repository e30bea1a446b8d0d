import Crypto
import Foundation
package import RunnerCore

/// Finds workflow files: a path, the user's folder, or one of those inside the binary.
package struct WorkflowCatalog: Sendable {
    package struct Found: Sendable {
        package let name: String
        /// Where it came from, for messages: a path, `bundled:NAME`, `repository:NAME` or `NAME@3`.
        package let origin: String
        package let source: String
        package let definition: WorkflowDefinition
        package var kind = WorkflowOrigin.file
        /// The number of a version of the database.
        package var version: Int?
        /// The unchanging version that holds this text already, as a workflow to start knows it.
        package var frozen: WorkflowVersionID?

        /// SHA-256 of the text, in hexadecimal.
        package var checksum: String { WorkflowCatalog.checksum(Array(source.utf8)) }
    }

    /// A text whose name was found and that was not looked into.
    struct Unread: Sendable {
        let origin: String
        let bytes: [UInt8]
        let kind: WorkflowOrigin
        var version: Int?

        func read(knownAgents: Set<String> = AgentCatalog.workflowNames) throws -> Found {
            let definition = try WorkflowParser.parse(bytes, file: origin, knownAgents: knownAgents)
            return Found(
                name: definition.name, origin: origin, source: String(decoding: bytes, as: UTF8.self),
                definition: definition, kind: kind, version: version)
        }
    }

    /// `$XDG_CONFIG_HOME/runner/workflows`, when a home is known.
    private let userFolder: String?

    package init(environment: [String: String]) {
        userFolder = ConfigFolder.path(environment: environment).map { $0 + "/runner/workflows" }
    }

    static func checksum(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).hexadecimal
    }

    /// The names of the bundled workflows, sorted.
    package static var bundledNames: [String] {
        EmbeddedText.files.compactMap { $0.name.hasSuffix(".yaml") ? String($0.name.dropLast(5)) : nil }.sorted()
    }

    /// The names in the user's folder, sorted.
    var userNames: [String] {
        let files = userFolder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0) } ?? []
        return Set(files.compactMap(Self.name(ofFile:))).sorted()
    }

    /// `fix` for `fix.yaml` and `fix.yml`; nil for other and for hidden files.
    static func name(ofFile file: String) -> String? {
        guard !file.hasPrefix("."), let ending = [".yaml", ".yml"].first(where: { file.hasSuffix($0) }) else {
            return nil
        }
        return String(file.dropLast(ending.count))
    }

    /// Loads and checks the workflow that `name` means; `name` with a slash or a `.yaml` ending is a path.
    ///
    /// Knows nothing of the database and of repositories; `WorkflowFinder` does.
    package func load(_ name: String, knownAgents: Set<String>) throws -> Found {
        let unread: Unread?
        switch WorkflowReference(name) {
        case .path(let path): unread = try file(path)
        case .source(.user, let name): unread = try user(name)
        case .source(.bundled, let name): unread = bundled(name)
        case .source, .version: unread = nil
        case .name(let name): unread = try user(name) ?? bundled(name)
        }
        guard let unread else { throw Self.unknown(name, known: WorkflowCatalog.bundledNames) }
        return try unread.read(knownAgents: knownAgents)
    }

    /// The workflow of the user's folder, beside the file at `path`, or in the program that `name` means.
    func nearby(_ name: String, beside path: String?) throws -> Unread? {
        switch WorkflowReference(name) {
        case .source(.user, let name): return try user(name)
        case .source(.bundled, let name): return bundled(name)
        case .path, .source, .version: return nil
        case .name(let name):
            if let own = try user(name) { return own }
            guard let path else { return bundled(name) }
            let folder = URL(fileURLWithPath: RunnerHome.absolute(path)).deletingLastPathComponent().path
            let files = ["yaml", "yml"].map { "\(folder)/\(name).\($0)" }
            return try files.first(where: FileManager.default.fileExists(atPath:)).map(file) ?? bundled(name)
        }
    }

    static func unknown(_ name: String, known: [String]) -> EngineError {
        let near = Suggestion.closest(to: name, among: known)
        return EngineError(
            .unknownWorkflow, "there is no workflow \"\(name)\"",
            hint: near.map { "did you mean \"\($0)\"?" }
                ?? "use one of \(known.prefix(20).joined(separator: ", ")), or the path of a YAML file")
    }

    func file(_ path: String) throws -> Unread {
        Unread(origin: path, bytes: try contents(RunnerHome.absolute(path), named: path), kind: .file)
    }

    func user(_ name: String) throws -> Unread? {
        guard let userFolder, !name.contains("/") else { return nil }
        for ending in ["yaml", "yml"] {
            let path = "\(userFolder)/\(name).\(ending)"
            guard FileManager.default.fileExists(atPath: path) else { continue }
            return Unread(origin: path, bytes: try contents(path, named: path), kind: .user)
        }
        return nil
    }

    func bundled(_ name: String) -> Unread? {
        EmbeddedText.files.first { $0.name == "\(name).yaml" }
            .map { Unread(origin: "bundled:\(name)", bytes: Array($0.text.utf8), kind: .bundled) }
    }

    /// The definitions of kept sources, by name.
    static func parsed(_ sources: [String: String]) throws -> [String: WorkflowDefinition] {
        try Dictionary(
            uniqueKeysWithValues: sources.map { name, source in
                (name, try WorkflowParser.parse(source, file: name, knownAgents: AgentCatalog.workflowNames))
            })
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
            throw EngineError(.invalidWorkflow, "\(origin): \(error)", hint: "see runner workflow show \(name)")
        }
    }
}
