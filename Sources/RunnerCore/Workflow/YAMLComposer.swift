import Yams

/// Turns the text of a YAML file into nodes that know their places; duplicate keys are collected, not fatal.
struct YAMLComposer {
    /// Values that a file may have, aliases written out.
    static let nodeLimit = 10_000
    /// Maps and lists inside each other.
    static let depthLimit = 32
    /// Put before the first of two equal keys, so that Yams accepts the file and both keep their places.
    private static let mark = "RUNNER-DUPLICATE-KEY-"
    private static let duplicateLimit = 20

    private let file: String
    private var text: String
    /// Where `mark` was put in: it moves the rest of its line.
    private var marked: [(line: Int, column: Int)] = []
    private var count = 0
    private(set) var errors: [WorkflowError] = []

    init(_ text: YAMLText, file: String) {
        self.text = text.text
        self.file = file
    }

    /// The root of the only document; nil after an error, which `errors` then holds.
    mutating func compose() -> YAMLNode? {
        do {
            while true {
                do {
                    return try composeOnce()
                } catch YamlError.duplicatedKeysInMapping(let names, let context)
                    where marked.count < YAMLComposer.duplicateLimit && markKey(at: context.mark)
                {
                    _ = names
                }
            }
        } catch let error as WorkflowError {
            errors.append(error)
        } catch let error as YamlError {
            errors.append(translated(error))
        } catch {
            errors.append(failure(1, 1, "", "\(error)"))
        }
        return nil
    }

    private mutating func composeOnce() throws -> YAMLNode {
        // The encoding is named because Yams otherwise asks the process's environment.
        let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
        guard let root = try parser.nextRoot() else { throw failure(1, 1, "", "the file is empty") }
        if let second = try parser.nextRoot() {
            let (line, column) = place(second.mark)
            throw failure(line, column, "", "the file holds more than one document (\"---\")")
        }
        count = 0
        errors = []
        return try convert(root, keyPath: "", depth: 0)
    }

    private mutating func convert(_ node: Node, keyPath: String, depth: Int) throws -> YAMLNode {
        let (line, column) = place(node.mark)
        count += 1
        guard count <= YAMLComposer.nodeLimit else {
            throw failure(line, column, keyPath, "the file has more than \(YAMLComposer.nodeLimit) values")
        }
        guard depth <= YAMLComposer.depthLimit else {
            throw failure(line, column, keyPath, "values nest deeper than \(YAMLComposer.depthLimit) levels")
        }
        let content: YAMLNode.Content
        switch node {
        case .scalar(let scalar):
            try refuseTag(scalar.tag, except: .str, line, column, keyPath)
            // Escaped, it gets past the look at the file's bytes; no program, file name or database takes it.
            guard !scalar.string.utf8.contains(0) else {
                throw failure(line, column, keyPath, "a NUL (\"\\0\") cannot be passed to a program")
            }
            content = .scalar(YAMLScalar(text: scalar.string, style: YAMLComposer.style(of: scalar)))
        case .sequence(let sequence):
            try refuseTag(sequence.tag, except: .seq, line, column, keyPath)
            var items: [YAMLNode] = []
            for (index, item) in sequence.enumerated() {
                items.append(try convert(item, keyPath: "\(keyPath)[\(index)]", depth: depth + 1))
            }
            content = .sequence(items)
        case .mapping(let mapping):
            try refuseTag(mapping.tag, except: .map, line, column, keyPath)
            content = .mapping(try entries(of: mapping, keyPath: keyPath, depth: depth))
        case .alias:
            throw failure(line, column, keyPath, "an alias stands where a value is needed")
        }
        return YAMLNode(content: content, line: line, column: column, keyPath: keyPath)
    }

    private mutating func entries(of mapping: Node.Mapping, keyPath: String, depth: Int) throws -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        var firstLines: [String: Int] = [:]
        for (keyNode, valueNode) in mapping {
            let (line, column) = place(keyNode.mark)
            guard case .scalar(let scalar) = keyNode else {
                throw failure(line, column, keyPath, "a key must be plain text")
            }
            let isMarked = scalar.string.hasPrefix(YAMLComposer.mark)
            let key = isMarked ? String(scalar.string.dropFirst(YAMLComposer.mark.count)) : scalar.string
            let path = keyPath.isEmpty ? key.shortened : "\(keyPath).\(key.shortened)"
            let value = try convert(valueNode, keyPath: path, depth: depth + 1)
            if let first = firstLines[key] {
                errors.append(
                    failure(line, column, path, "the key \"\(key.shortened)\" is already set in line \(first)"))
            } else {
                firstLines[key] = line
                entries.append(YAMLEntry(key: key, line: line, column: column, value: value))
            }
        }
        return entries
    }

    private func refuseTag(
        _ tag: Tag, except own: Tag.Name, _ line: Int, _ column: Int, _ keyPath: String
    ) throws {
        let name = tag.rawValue
        guard name.isEmpty || name == "!" || name == own.rawValue else {
            throw failure(
                line, column, keyPath,
                "the YAML tag \"\(name.shortened)\" is not supported; quote a text that begins with \"!\"")
        }
    }

    private static func style(of scalar: Node.Scalar) -> YAMLScalar.Style {
        switch scalar.style {
        case .literal: .literal
        case .folded: .folded
        case .singleQuoted, .doubleQuoted: .quoted
        case .any, .plain: .plain
        }
    }

    /// Puts `mark` before the key at `place`; false when the text there is no simple key.
    private mutating func markKey(at place: Mark) -> Bool {
        var scalars = text.unicodeScalars
        var index = scalars.startIndex
        var line = 1
        while line < place.line, index < scalars.endIndex {
            if scalars[index] == "\n" { line += 1 }
            index = scalars.index(after: index)
        }
        guard line == place.line,
            var start = scalars.index(index, offsetBy: place.column - 1, limitedBy: scalars.endIndex),
            start < scalars.endIndex
        else { return false }
        let first = scalars[start]
        guard first.properties.isAlphabetic || "0123456789_\"'".unicodeScalars.contains(first) else { return false }
        if first == "\"" || first == "'" { start = scalars.index(after: start) }
        scalars.insert(contentsOf: YAMLComposer.mark.unicodeScalars, at: start)
        text = String(scalars)
        marked.append((place.line, place.column))
        return true
    }

    /// The place in the file as it was given, before any `mark`.
    private func place(_ mark: Mark?) -> (line: Int, column: Int) {
        guard let mark else { return (1, 1) }
        let shift = marked.count { $0.line == mark.line && $0.column < mark.column } * YAMLComposer.mark.count
        return (mark.line, max(1, mark.column - shift))
    }

    private func failure(_ line: Int, _ column: Int, _ keyPath: String, _ message: String) -> WorkflowError {
        WorkflowError(file: file, line: line, column: column, keyPath: keyPath, message: message)
    }
}

extension YAMLComposer {
    /// Yams' errors with a place, and in words that say what to do.
    private func translated(_ error: YamlError) -> WorkflowError {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let (line, column) = place(mark)
            return failure(line, column, keyPath(before: line), reason(problem, context, at: mark))
        case .duplicatedKeysInMapping(let names, let context):
            let (line, column) = place(context.mark)
            return failure(line, column, keyPath(before: line), "the key \"\(names.first ?? "")\" is set twice")
        case .reader(let problem, let offset, _, _):
            let before = text.unicodeScalars.prefix(offset ?? 0)
            return failure(before.count { $0 == "\n" } + 1, 1, "", problem)
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            return failure(1, 1, "", "\(error)")
        }
    }

    private func reason(_ problem: String, _ context: YamlError.Context?, at mark: Mark) -> String {
        let line =
            text.split(separator: /\r\n|\n/, omittingEmptySubsequences: false).dropFirst(mark.line - 1).first ?? ""
        if line.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") {
            return "a tab cannot indent a line in YAML; use spaces"
        }
        if problem.contains("undefined alias") { return "the alias refers to no earlier anchor (\"&name\")" }
        let place = context.map { " (\($0.text) in line \($0.mark.line))" } ?? ""
        return "this is no valid YAML: \(problem)\(place)"
    }

    /// The list or map that the line stands in, as far as the lines above it tell; empty when they do not.
    private func keyPath(before line: Int) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).prefix(line - 1)
        for _ in 0..<3 where !lines.isEmpty {
            if let root = try? compose(lines.joined(separator: "\n")) {
                return YAMLComposer.lastContainer(of: root)
            }
            lines.removeLast()
        }
        return ""
    }

    private func compose(_ text: String) throws -> Node? {
        try Parser(yaml: text, resolver: .basic, encoding: .utf8).nextRoot()
    }

    private static func lastContainer(of root: Node) -> String {
        var path = ""
        var node = root
        for _ in 0..<depthLimit {
            switch node {
            case .sequence(let sequence):
                guard let last = sequence.last else { return path }
                path += "[\(sequence.count - 1)]"
                node = last
            case .mapping(let mapping):
                guard let last = Array(mapping).last, case .scalar(let key) = last.key else { return path }
                // A key without a value is what the faulty line belongs to.
                if case .scalar(let scalar) = last.value, !scalar.string.isEmpty { return path }
                path += (path.isEmpty ? "" : ".") + key.string
                node = last.value
            case .scalar, .alias: return path
            }
        }
        return path
    }
}
