/// What makes a new worktree ready for work, and what clears up before it goes.
package struct EnvironmentScripts: Sendable, Hashable, Codable {
    /// Runs as step 0 of a run.
    package var setup: String?
    /// Runs in the worktree before it is removed.
    package var teardown: String?
    /// Folders that a set-up fills, each with the file that says what belongs in: `node_modules`, `package-lock.json`.
    package var dependencies: [String: String]
    /// SHA-256 in hexadecimal of the file that brought it; nil for what a person set.
    package var sha256: String?

    /// Where a repository may bring them.
    package static let file = ".runner.yaml"
    private static let keys: Set<String> = ["setup", "teardown", "dependencies"]

    package init(
        setup: String? = nil, teardown: String? = nil, dependencies: [String: String] = [:], sha256: String? = nil
    ) {
        self.setup = setup
        self.teardown = teardown
        self.dependencies = dependencies
        self.sha256 = sha256
    }

    /// Reads a repository's file; every mistake is told by one sentence that names the key.
    package init(yaml: [UInt8], sha256: String) throws(WorkflowErrors) {
        func failure(_ key: String, _ message: String) -> WorkflowErrors {
            WorkflowErrors([
                WorkflowError(file: Self.file, line: 1, column: 1, keyPath: key, message: message)
            ])
        }
        guard case .object(let members) = try YAMLDocument.value(of: yaml, file: Self.file) else {
            throw failure("", "the file must be a map of keys")
        }
        if let unknown = members.keys.sorted().first(where: { !Self.keys.contains($0) }) {
            throw failure(unknown.shortened, "unknown key, known are \(Self.keys.sorted().joined(separator: ", "))")
        }
        func script(_ key: String) throws(WorkflowErrors) -> String? {
            switch members[key] {
            case nil, .null: return nil
            case .string(let text) where !text.allSatisfy(\.isWhitespace): return text
            default: throw failure(key, "expected a script")
            }
        }
        setup = try script("setup")
        teardown = try script("teardown")
        self.sha256 = sha256
        dependencies = [:]
        guard let folders = members["dependencies"], folders != .null else { return }
        guard case .object(let folders) = folders else {
            throw failure("dependencies", "expected folders with the file that each depends on")
        }
        for (folder, file) in folders {
            guard case .string(let file) = file, Self.isInside(folder), Self.isInside(file) else {
                throw failure("dependencies.\(folder.shortened)", "expected two paths inside the worktree")
            }
            dependencies[folder] = file
        }
    }

    /// The two paths of `folder=file`; nil when it is something else.
    package static func dependency(_ pair: String) -> (folder: String, file: String)? {
        guard let equals = pair.firstIndex(of: "=") else { return nil }
        let (folder, file) = (String(pair[..<equals]), String(pair[pair.index(after: equals)...]))
        return isInside(folder) && isInside(file) ? (folder, file) : nil
    }

    /// Whether a path stays inside the worktree and names no part of Git's own.
    package static func isInside(_ path: String) -> Bool {
        let parts = path.pathParts
        return !parts.isEmpty && path.utf8.count <= 1024 && !path.utf8.contains(0)
            && parts.allSatisfy { !["", ".", ".."].contains($0) && $0.lowercased() != ".git" }
    }
}
