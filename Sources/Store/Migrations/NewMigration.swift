/// The file names and the first text of a migration that somebody is about to write.
package struct NewMigration: Sendable, Hashable {
    package let upFile: String
    package let upText: String
    package let downFile: String
    package let downText: String

    /// Throws `StoreError.invalidMigrationName` for a name that cannot be one.
    package init(version: Int, name: String) throws {
        let cleaned = String(name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
            .split(separator: "_").joined(separator: "_")
        let isClean = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_- ".contains($0)) }
        guard isClean, !cleaned.isEmpty, cleaned.count <= 60 else { throw StoreError.invalidMigrationName(name) }
        let digits = String(version)
        let stem = String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "_" + cleaned
        upFile = stem + ".up.sql"
        upText =
            "-- Why: \n-- Name every object with its schema: runner.<name>. A new table needs row-level security.\n"
        downFile = stem + ".down.sql"
        downText = "-- Exactly the way back: up, down and up again must give the same schema.\n"
    }
}
