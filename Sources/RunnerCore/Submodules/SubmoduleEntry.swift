/// What `.gitmodules` says of one submodule, as it stands there and not yet judged.
package struct SubmoduleEntry: Sendable, Hashable {
    package let name: String
    package private(set) var path: String?
    package private(set) var url: String?
    package private(set) var update: String?

    /// Reads what `git config --list -z` makes of the file: `submodule.<name>.<variable>`, a line end, the value, a zero
    /// byte. As in git the last of two values counts.
    package static func entries(in listing: String) -> [SubmoduleEntry] {
        var entries: [SubmoduleEntry] = []
        for item in listing.split(separator: "\0") {
            let parts = item.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].hasPrefix("submodule."), let dot = parts[0].lastIndex(of: ".") else {
                continue
            }
            let start = parts[0].index(parts[0].startIndex, offsetBy: "submodule.".count)
            guard start < dot else { continue }
            let (name, value) = (String(parts[0][start..<dot]), String(parts[1]))
            let position =
                entries.firstIndex { $0.name == name }
                ?? {
                    entries.append(SubmoduleEntry(name: name))
                    return entries.count - 1
                }()
            switch parts[0][dot...] {
            case ".path": entries[position].path = value
            case ".url": entries[position].url = value
            case ".update": entries[position].update = value
            default: break
            }
        }
        return entries
    }

    /// Why the submodule must not be made; nil when nothing is wrong with it but perhaps its URL.
    ///
    /// Its name is that of a folder among Git's own files (gitmodules(5), CVE-2018-11235), and `update` can be a command.
    package var refusal: String? {
        // By bytes, as the system does: to Swift a slash with an accent on it is another character.
        let parts = name.utf8.split(separator: Self.slash, omittingEmptySubsequences: false)
        let isPlain = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0 != "\\" }
        guard isPlain, name.utf8.count <= 1024,
            parts.allSatisfy({ part in
                !["", ".", ".."].contains { part.elementsEqual($0.utf8) } && part.count <= 255
                    && part.first != UInt8(ascii: "-")
            })
        else { return "its name cannot be that of a folder" }
        if let update, !["checkout", "rebase", "merge", "none"].contains(update) {
            return "its update is neither checkout, rebase, merge nor none"
        }
        return nil
    }

    /// Whether one of the two would keep its Git directory inside the other's.
    package func overlaps(_ other: SubmoduleEntry) -> Bool {
        name == other.name || isWithin(other) || other.isWithin(self)
    }

    private func isWithin(_ other: SubmoduleEntry) -> Bool { name.utf8.starts(with: (other.name + "/").utf8) }

    private static let slash = UInt8(ascii: "/")
}
