/// The rule for names of artifacts, which are names of files too.
package enum ArtifactName {
    /// Why `name` cannot be one; nil when it can.
    package static func problem(with name: String) -> String? {
        if name.isEmpty { return "it is empty" }
        if name.unicodeScalars.count > 200 || name.utf8.count > 255 { return "it is longer than 200 characters" }
        if name.contains("/") { return "it has a slash" }
        if name.hasPrefix(".") { return "it begins with a dot" }
        if name.unicodeScalars.contains(where: { $0.value < 32 || (127..<160).contains($0.value) }) {
            return "it has control characters"
        }
        return nil
    }
}
