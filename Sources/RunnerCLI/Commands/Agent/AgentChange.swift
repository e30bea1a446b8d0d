import Agents
import ArgumentParser
import RunnerCore

/// A `key=value` of a command line.
enum AgentChange {
    /// The values as their keys have them; nil for an empty one, which takes the key out.
    static func parsed(_ pairs: [String]) throws -> [(key: String, value: JSONValue?)] {
        try pairs.map { pair in
            guard let equals = pair.firstIndex(of: "="),
                case let key = String(pair[..<equals]), key.wholeMatch(of: /[a-z][a-z0-9_.-]*/.ignoresCase()) != nil
            else { throw ValidationError("\"\(pair)\" is not of the form key=value.") }
            let value = String(pair[pair.index(after: equals)...])
            return (key, value.isEmpty ? nil : try AgentFileText.value(value, for: key))
        }
    }
}
