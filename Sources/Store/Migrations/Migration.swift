import Crypto
import Foundation
import RunnerCore

/// One numbered change of the schema and the way back.
package struct Migration: Sendable, Hashable {
    package let version: Int
    /// The part of the file name between the number and the ending.
    package let name: String
    package let up: String
    package let down: String

    /// SHA-256 of the upward text, in hex; the way back may be repaired later.
    package var checksum: String {
        SHA256.hash(data: Data(up.utf8)).hexadecimal
    }

    /// The migrations that this program holds, in order.
    package static let embedded = read(EmbeddedText.files)

    /// Reads pairs of `NNNN_name.up.sql` and `NNNN_name.down.sql`; any other name is left out.
    static func read(_ files: [(name: String, text: String)]) -> [Migration] {
        let texts = Dictionary(files.map { ($0.name, $0.text) }, uniquingKeysWith: { first, _ in first })
        return texts.compactMap { file, up in
            guard file.hasSuffix(".up.sql") else { return nil }
            let stem = file.dropLast(".up.sql".count)
            guard let separator = stem.firstIndex(of: "_"), let version = Int(stem[..<separator]),
                let down = texts["\(stem).down.sql"]
            else { return nil }
            return Migration(version: version, name: String(stem[stem.index(after: separator)...]), up: up, down: down)
        }
        .sorted { $0.version < $1.version }
    }

    /// What of `migrations` is not applied yet; throws when what is applied is unknown or was made by another text.
    static func pending(applied: [AppliedMigration], of migrations: [Migration]) throws -> [Migration] {
        let known = Dictionary(migrations.map { ($0.version, $0) }, uniquingKeysWith: { first, _ in first })
        for applied in applied {
            guard let migration = known[applied.version] else {
                throw StoreError.unknownMigration(version: applied.version, name: applied.name)
            }
            guard migration.checksum == applied.checksum else {
                throw StoreError.changedMigration(version: applied.version, name: applied.name)
            }
        }
        let done = Set(applied.map(\.version))
        return migrations.filter { !done.contains($0.version) }
    }
}
