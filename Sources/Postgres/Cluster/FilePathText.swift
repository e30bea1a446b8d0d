/// Path arithmetic on plain strings.
enum FilePathText {
    static func parent(_ path: String) -> String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    /// "/", "/a", "/a/b" for "/a/b".
    static func ancestors(_ path: String) -> [String] {
        let parent = parent(path)
        return parent == path ? [path] : ancestors(parent) + [path]
    }

    /// A short name that stays the same for the same path: FNV-1a, 64 bits.
    static func shortHash(_ path: String) -> String {
        let hash = path.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
