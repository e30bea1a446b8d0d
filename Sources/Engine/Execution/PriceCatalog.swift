import Agents
import Foundation

/// The bundled prices, with those of the user's `prices.json` before them.
struct PriceCatalog: Sendable {
    let table: PriceTable
    /// Why the user's file was not used.
    let failure: String?

    private static let limit = 1 << 20

    init(environment: [String: String]) {
        let bundled = PriceCatalog.bundled
        let config =
            environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? environment["HOME"].map { $0 + "/.config" }
        guard let path = config.map({ $0 + "/runner/prices.json" }),
            let bytes = StepFiles.read(path, limit: Self.limit, followsLinks: true)
        else {
            (table, failure) = (bundled, nil)
            return
        }
        do {
            (table, failure) = (bundled.overridden(by: try PriceTable(json: bytes)), nil)
        } catch {
            (table, failure) = (bundled, "\(path) was not used: \(error)")
        }
    }

    private static let bundled: PriceTable = {
        let text = EmbeddedText.files.first { $0.name == "prices.json" }?.text ?? ""
        return (try? PriceTable(json: Array(text.utf8))) ?? PriceTable(version: "none", date: "", models: [:])
    }()
}
