import RunnerCore

/// A JSON file in which an agent leaves what its output does not tell, to be read after its end.
///
/// The caller puts what `line(from:)` makes of it at the end of the standard output, so that the stored output alone
/// tells the whole story again.
package struct AgentReport: Sendable, Hashable {
    /// What the decoder knows it by.
    package var name: String
    /// Absolute, or below the home folder after `~/`; `{session}` stands for the session's id.
    package var path: String
    /// What is kept: keys with dots between them. The rest, such as a configuration that may hold keys, is left out.
    package var keys: [String]

    /// Larger files are not read.
    package static let maximumBytes = 64 << 20

    package init(name: String, path: String, keys: [String]) {
        self.name = name
        self.path = path
        self.keys = keys
    }

    /// The file's place; nil where it needs an id that is not known, or that could lead elsewhere.
    package func path(home: String?, session: String?) -> String? {
        var path = path
        if path.hasPrefix("~/") {
            guard let home else { return nil }
            path = home + path.dropFirst()
        }
        guard path.contains("{session}") else { return path }
        guard let session, session.wholeMatch(of: /[A-Za-z0-9-]{1,200}/) != nil else { return nil }
        return path.replacing("{session}", with: session)
    }

    /// The report as a line of the output, with its newline; nil when the file holds no JSON object.
    package func line(from bytes: [UInt8]) -> [UInt8]? {
        guard let value = JSONValue(json: bytes), case .object = value else { return nil }
        var kept = JSONValue.object([:])
        for key in keys { kept = kept.merging(value, at: key.split(separator: ".").map(String.init)[...]) }
        let line = JSONValue.object(["runner_report": .string(name), "content": kept])
        guard let text = try? JSONLine.encode(line) else { return nil }
        return Array(text.utf8) + [UInt8(ascii: "\n")]
    }

    /// The content of a line that `line(from:)` made for the report `name`.
    @_lifetime(copy line)
    static func content(of line: JSONView, name: String) -> JSONView? {
        guard line["content"].exists, line["runner_report"].string == name else { return nil }
        return line["content"]
    }
}

extension JSONValue {
    /// This object with the member of `other` at `path`, where there is one.
    fileprivate func merging(_ other: JSONValue, at path: ArraySlice<String>) -> JSONValue {
        guard let key = path.first, let member = other[key] else { return self }
        var members: [String: JSONValue] = [:]
        if case .object(let known) = self { members = known }
        let rest = path.dropFirst()
        members[key] = rest.isEmpty ? member : (members[key] ?? .object([:])).merging(member, at: rest)
        return .object(members)
    }
}
