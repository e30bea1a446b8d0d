/// The scripts that a repository brings, as a person reads them before they allow them.
package struct BroughtScripts: Sendable, Codable {
    package let file: String
    package let sha256: String
    package let isAllowed: Bool
    package let text: String
}
