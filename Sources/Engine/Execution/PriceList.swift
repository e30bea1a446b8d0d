package import Agents
import Foundation

/// The prices that runs apply: the table in the binary, and a file of the user's before it.
package enum PriceList {
    /// `$XDG_CONFIG_HOME/runner/prices.json`; nil when no home is known.
    package static func path(environment: [String: String]) -> String? {
        ConfigFolder.path(environment: environment).map { $0 + "/runner/prices.json" }
    }

    /// Throws for a file of the user's that cannot be used, and says what is wrong with it.
    package static func load(environment: [String: String]) throws -> PriceTable {
        let bundled = try bundled()
        guard let path = path(environment: environment), FileManager.default.fileExists(atPath: path) else {
            return bundled
        }
        guard let bytes = StepFiles.read(path, limit: 4 << 20, followsLinks: true) else {
            throw EngineError(.invalidArgument, "\(path) cannot be read", hint: "check its permissions, or remove it")
        }
        do {
            return bundled.overridden(by: try PriceTable(json: bytes))
        } catch {
            throw EngineError(.invalidArgument, "\(path): \(error)", hint: "see docs/agents.md, or remove the file")
        }
    }

    /// The table in the binary.
    static func bundled() throws -> PriceTable {
        guard let file = EmbeddedText.files.first(where: { $0.name == "prices.json" }) else {
            throw EngineError(.internalFault, "the price table is missing", hint: nil)
        }
        return try PriceTable(json: Array(file.text.utf8))
    }
}
