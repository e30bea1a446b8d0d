import Foundation
package import RunnerCore

/// The YAML text of an agent's file, changed key by key: comments and order stay as they are.
package struct AgentFileText: Sendable, Hashable {
    package private(set) var text: String
    private let file: String

    /// `file` is for messages only.
    package init(_ text: String, file: String) {
        self.text = text
        self.file = file
    }

    /// Sets the key, or one of a map's by `map.key`; nil takes it out. Throws for a text that is no map of keys.
    package mutating func set(_ key: String, to value: JSONValue?) throws {
        var wanted = try members()
        let parts = key.split(separator: ".", maxSplits: 1).map(String.init)
        guard let name = parts.first, !parts.contains("") else { return }
        if let inner = parts.dropFirst().first {
            var map: [String: JSONValue] = [:]
            if case .object(let known) = wanted[name] { map = known }
            map[inner] = value
            wanted[name] = map.isEmpty ? nil : .object(map)
        } else {
            wanted[name] = value
        }
        let old = text
        replaceBlock(name, by: wanted[name].map { Self.block(name, $0) } ?? [])
        // A text of another shape, as all in one line, is written anew.
        if (try? members()) != wanted {
            text = wanted.sorted { $0.key < $1.key }.flatMap { Self.block($0.key, $0.value) }.joined(separator: "\n")
            text += "\n"
        }
        guard try members() == wanted else {
            text = old
            throw AgentsError(.invalidValue, agent: file, message: "\"\(key)\" cannot be written as YAML")
        }
    }

    package var isEmpty: Bool { (try? members().isEmpty) ?? false }

    private func members() throws -> [String: JSONValue] {
        try Self.reading(Array(text.utf8), name: file, file: file) { members throws(AgentsError) in members }
    }

    /// Reads a map of keys with `make`; every mistake names the file, and the key where there is one.
    static func reading<T>(
        _ yaml: [UInt8], name: String, file: String, _ make: ([String: JSONValue]) throws(AgentsError) -> T
    ) throws(AgentsError) -> T {
        let value: JSONValue
        // Nothing, or nothing but comments, is a map without keys.
        let isBlank = String(decoding: yaml, as: UTF8.self).split(whereSeparator: \.isNewline)
            .allSatisfy { $0.drop { $0.isWhitespace || $0 == "\u{FEFF}" }.first.map { $0 == "#" } ?? true }
        do {
            value = isBlank ? .object([:]) : try YAMLDocument.value(of: yaml, file: file)
        } catch {
            throw AgentsError(.invalidValue, agent: name, message: error.errors.first?.description ?? "\(error)")
        }
        guard case .object(let members) = value else {
            throw AgentsError(.wrongType, agent: name, message: "\(file): must be a map of keys")
        }
        do throws(AgentsError) {
            return try make(members)
        } catch {
            let key = error.key.map { "\($0): " } ?? ""
            throw AgentsError(error.code, agent: name, message: "\(file): \(key)\(error.message)")
        }
    }

    /// The value that a person means by the right side of `key=value`.
    ///
    /// A list, a map or a text in quotes is read as YAML; a number and true or false as such, but for the keys whose
    /// values are texts.
    package static func value(_ typed: String, for key: String) throws -> JSONValue {
        let outer = key.prefix { $0 != "." }
        guard !key.contains(".") || !FileAgent.textMaps.contains(String(outer)) else { return .string(typed) }
        if let first = typed.first, "[{\"'".contains(first) {
            guard let value = try? YAMLDocument.value(of: Array("v: \(typed)".utf8), file: key)["v"] else {
                throw AgentsError(.invalidValue, agent: key, message: "\"\(typed)\" is no YAML value")
            }
            return value
        }
        switch typed {
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: break
        }
        if let number = Int(typed) { return .integer(number) }
        if typed.contains(where: \.isNumber), typed.allSatisfy({ $0.isNumber || "+-.e".contains($0) }),
            let number = Double(typed)
        {
            return .number(number)
        }
        return .string(typed)
    }

    /// Puts `lines` in the place of the key's block, or at the end where there is none.
    private mutating func replaceBlock(_ key: String, by lines: [String]) {
        // To Swift, "\r\n" is one character that is not "\n".
        var all = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map(String.init)
        let lineEnd = text.contains { $0 == "\r\n" } ? "\r\n" : "\n"
        if all.last == "" { all.removeLast() }
        guard let start = all.firstIndex(where: { $0.hasPrefix(key + ":") }) else {
            text = (all + lines).joined(separator: lineEnd) + lineEnd
            return
        }
        var end = start + 1
        // A list may stand at the margin; comments and blank lines before the next key belong to that.
        while end < all.count, all[end].first.map({ " \t-#".contains($0) }) ?? true { end += 1 }
        while end > start + 1, all[end - 1].first.map({ $0 == "#" }) ?? true { end -= 1 }
        all.replaceSubrange(start..<end, with: lines)
        text = all.isEmpty ? "" : all.joined(separator: lineEnd) + lineEnd
    }

    /// A key with its value, a map with a line for each of its keys.
    private static func block(_ key: String, _ value: JSONValue) -> [String] {
        guard case .object(let members) = value, !members.isEmpty else { return ["\(key): \(flow(value))"] }
        return ["\(key):"] + members.sorted { $0.key < $1.key }.map { "  \(scalar($0.key)): \(flow($0.value))" }
    }

    private static func flow(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): scalar(text)
        case .array(let elements): "[" + elements.map(flow).joined(separator: ", ") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { "\(scalar($0.key)): \(flow($0.value))" }
                .joined(separator: ", ") + "}"
        case .number(let number): "\(number)"
        case .integer(let number): "\(number)"
        case .bool(let flag): flag ? "true" : "false"
        case .null: "null"
        }
    }

    /// Plain where nothing can be meant but a text, else in single quotes, else as JSON has it.
    private static func scalar(_ text: String) -> String {
        let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
        if text.wholeMatch(of: /[A-Za-z][A-Za-z0-9_.\/-]*/) != nil, !words.contains(text.lowercased()) { return text }
        guard text.unicodeScalars.contains(where: { $0.value < 32 || (127..<160).contains($0.value) }) else {
            return "'" + text.replacing("'", with: "''") + "'"
        }
        return (try? JSONLine.encode(JSONValue.string(text))) ?? "''"
    }
}
