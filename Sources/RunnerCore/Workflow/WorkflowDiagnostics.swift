/// Collects what is wrong in a file and reads simple values, so that one fault does not hide the next.
struct WorkflowDiagnostics {
    /// More are of no use to anyone.
    static let limit = 100

    let file: String
    private let lines: [Substring]
    private(set) var errors: [WorkflowError]
    private let checkSettings: WorkflowParser.SettingsCheck?
    private let checkCall: WorkflowParser.CallCheck?

    init(
        file: String, text: String, errors: [WorkflowError] = [], checkSettings: WorkflowParser.SettingsCheck? = nil,
        checkCall: WorkflowParser.CallCheck? = nil
    ) {
        self.file = file
        self.checkSettings = checkSettings
        self.checkCall = checkCall
        lines = text.split(separator: /\r\n|\n|\r/, omittingEmptySubsequences: false)
        self.errors = errors
    }

    var sorted: WorkflowErrors {
        let known =
            errors.isEmpty
            ? [WorkflowError(file: file, line: 1, column: 1, keyPath: "", message: "the file is no workflow")] : errors
        return WorkflowErrors(known.sorted { ($0.line, $0.column) < ($1.line, $1.column) })
    }

    mutating func add(line: Int, column: Int, keyPath: String, _ message: String) {
        guard errors.count < WorkflowDiagnostics.limit else { return }
        errors.append(WorkflowError(file: file, line: line, column: column, keyPath: keyPath, message: message))
    }

    mutating func add(_ node: YAMLNode, _ message: String) {
        add(line: node.line, column: node.column, keyPath: node.keyPath, message)
    }

    mutating func add(_ entry: YAMLEntry, _ message: String) {
        add(line: entry.line, column: entry.column, keyPath: entry.value.keyPath, message)
    }

    /// What an agent gets under `with`, the values as YAML gives them; tells what is wrong, where that is checked.
    mutating func settings(_ node: YAMLNode?, of agent: String?) -> [String: JSONValue] {
        let entries = node.flatMap { map($0) } ?? []
        let settings = Dictionary(entries.map { ($0.key, $0.value.json) }) { first, _ in first }
        if let agent, let node, let problem = checkSettings?(agent, settings) {
            if let entry = entries.first(where: { $0.key == problem.key }) {
                add(entry, problem.message)
            } else {
                add(node, problem.key.map { "\($0): \(problem.message)" } ?? problem.message)
            }
        }
        return settings
    }

    /// Tells where a workflow cannot be called by the name that `node` holds, where that is checked.
    mutating func call(_ name: String, _ node: YAMLNode) {
        if let problem = checkCall?(name) { add(node, problem) }
    }

    /// An error inside the text of a scalar, shifted to where that text stands in the file.
    mutating func add(_ error: TemplateError, in node: YAMLNode, skipping: Int = 0) {
        var (line, column) = (node.line, node.column)
        if case .scalar(let scalar) = node.content {
            switch scalar.style {
            case .literal:
                line += error.line
                column = indentation(after: node.line) + error.column
            case .plain where error.line == 1:
                column += skipping + error.column - 1
            case .quoted where error.line == 1:
                column += skipping + error.column
            case .plain, .quoted, .folded:
                break
            }
        }
        add(line: line, column: column, keyPath: node.keyPath, error.message)
    }

    /// How far the first line of text below the header in line `line` is indented.
    private func indentation(after line: Int) -> Int {
        let text = lines.dropFirst(line).first { !$0.allSatisfy { $0 == " " } } ?? ""
        return text.prefix { $0 == " " }.count
    }
}

/// Readers of single values; each notes an error and returns nil when the value is of the wrong kind.
extension WorkflowDiagnostics {
    /// The entries of a map by key; unknown keys are errors.
    mutating func entries(_ node: YAMLNode, of owner: String, knowing keys: [String]) -> [String: YAMLEntry]? {
        guard let all = map(node) else { return nil }
        for entry in all where !keys.contains(entry.key) {
            let near = Suggestion.closest(to: entry.key, among: keys)
            let hint =
                entry.key == "<<"
                ? "merge keys are not supported"
                : near.map { "did you mean \"\($0)\"?" } ?? "known are \(keys.joined(separator: ", "))"
            add(entry, "unknown key \"\(entry.key.shortened)\" in \(owner), \(hint)")
        }
        return Dictionary(all.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    mutating func map(_ node: YAMLNode) -> [YAMLEntry]? {
        guard case .mapping(let entries) = node.content else {
            add(node, "expected a map, found \(node.kind)")
            return nil
        }
        return entries
    }

    /// Any scalar but null, as it is written.
    mutating func text(_ node: YAMLNode, mayBeEmpty: Bool = false) -> String? {
        guard case .scalar(let scalar) = node.content, !scalar.isNull || mayBeEmpty else {
            add(node, "expected a text, found \(node.kind)")
            return nil
        }
        if scalar.isNull { return "" }
        guard mayBeEmpty || scalar.text.contains(where: { !$0.isWhitespace }) else {
            add(node, "the text is empty")
            return nil
        }
        return scalar.text
    }

    /// A text of one line.
    mutating func title(_ node: YAMLNode, limit: Int) -> String? {
        guard let text = text(node) else { return nil }
        let trimmed = text.split(whereSeparator: \.isNewline)
        guard trimmed.count == 1, text.count <= limit else {
            add(node, "expected one line of at most \(limit) characters")
            return nil
        }
        return String(trimmed[0])
    }

    /// The name of an agent there is.
    mutating func agent(_ node: YAMLNode, knowing agents: Set<String>) -> String? {
        guard let name = text(node) else { return nil }
        if agents.contains(name) { return name }
        let near = Suggestion.closest(to: name, among: agents.sorted())
        add(
            node,
            "unknown agent \"\(name.shortened)\", "
                + (near.map { "did you mean \"\($0)\"?" } ?? "known are \(agents.sorted().joined(separator: ", "))"))
        return nil
    }

    mutating func bool(_ node: YAMLNode) -> Bool? {
        if case .scalar(let scalar) = node.content, let bool = scalar.bool { return bool }
        add(node, "expected true or false, found \(node.kind)")
        return nil
    }

    mutating func integer(_ node: YAMLNode, in range: ClosedRange<Int>) -> Int? {
        if case .scalar(let scalar) = node.content, let value = scalar.integer, range.contains(value) { return value }
        add(node, "expected a number from \(range.lowerBound) to \(range.upperBound), found \(node.kind)")
        return nil
    }

    mutating func duration(_ node: YAMLNode) -> Duration? {
        if case .scalar(let scalar) = node.content, let value = Duration(timeLimit: scalar.text) { return value }
        add(node, "expected a duration such as 90s, 10m, 1h30m or a number of minutes, found \(node.kind)")
        return nil
    }

    /// Environment values by name; the names the runner sets are refused.
    mutating func environment(_ node: YAMLNode) -> [String: YAMLNode] {
        var values: [String: YAMLNode] = [:]
        for entry in map(node) ?? [] {
            guard EnvironmentName.isValid(entry.key) else {
                add(entry, "\"\(entry.key.shortened)\" is no name of an environment variable")
                continue
            }
            guard !entry.key.hasPrefix("RUNNER_") else {
                add(entry, "names that begin with RUNNER_ are set by the runner itself")
                continue
            }
            if text(entry.value, mayBeEmpty: true) != nil { values[entry.key] = entry.value }
        }
        return values
    }
}
