import CPlatform
import Glibc
import RunnerCore

/// Looks for a file of a folder whose path matches a pattern; links are looked at, never followed.
///
/// `*`, `?` and `[…]` are as in the shell and match no slash; `**` is any number of folders. Names that begin with a dot
/// need the dot in the pattern; Git's own folder never matches.
struct WorktreeGlob {
    /// Entries looked at before it gives up.
    static let entryLimit = 500_000

    private let parts: [String]
    private var entriesLeft = WorktreeGlob.entryLimit

    init(_ pattern: String) {
        parts = pattern.pathParts.filter { !$0.isEmpty }
    }

    /// Whether some regular file or link matches; false also where too much would have to be looked at.
    mutating func matches(in folder: String) -> Bool {
        matches(parts[...], in: folder, depth: 0)
    }

    private mutating func matches(_ parts: ArraySlice<String>, in folder: String, depth: Int) -> Bool {
        guard let first = parts.first, depth < 200 else { return false }
        let rest = parts.dropFirst()
        if first == "**" {
            if rest.isEmpty { return matches(["*"], in: folder, depth: depth) || descend(parts, in: folder, depth) }
            return matches(rest, in: folder, depth: depth) || descend(parts, in: folder, depth)
        }
        if !first.contains(where: { "*?[\\".contains($0) }) {
            let path = "\(folder)/\(first)"
            return rest.isEmpty ? isFile(path) : isFolder(path) && matches(rest, in: path, depth: depth + 1)
        }
        for name in names(of: folder) where fnmatch(first, name, FNM_PERIOD) == 0 && name.lowercased() != ".git" {
            let path = "\(folder)/\(name)"
            if rest.isEmpty ? isFile(path) : isFolder(path) && matches(rest, in: path, depth: depth + 1) { return true }
        }
        return false
    }

    private mutating func descend(_ parts: ArraySlice<String>, in folder: String, _ depth: Int) -> Bool {
        for name in names(of: folder) where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            if isFolder(path), matches(parts, in: path, depth: depth + 1) { return true }
        }
        return false
    }

    /// Names that are not UTF-8 are left out: no pattern can be written for them.
    private mutating func names(of folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while entriesLeft > 0, let entry = readdir(directory) {
            entriesLeft -= 1
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
            }
            if let name, name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private func mode(_ path: String) -> mode_t {
        var facts = stat()
        return lstat(path, &facts) == 0 ? facts.st_mode & S_IFMT : 0
    }

    private func isFile(_ path: String) -> Bool { [S_IFREG, S_IFLNK].contains(mode(path)) }
    private func isFolder(_ path: String) -> Bool { mode(path) == S_IFDIR }
}
