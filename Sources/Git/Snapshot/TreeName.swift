/// Which names may stand in a Git tree that every checker accepts.
enum TreeName {
    /// False for `.git` and its look-alikes on other file systems, for names whose content Git would interpret
    /// (`.gitmodules`, `.gitattributes`), and for paths so deep or long that Git's own tools give up.
    static func isPlain(_ path: BytePath) -> Bool {
        guard path.bytes.count < 3800 else { return false }
        let components = path.components
        return components.count <= 200 && components.allSatisfy(isPlain)
    }

    private static func isPlain(_ name: [UInt8]) -> Bool {
        // What is refused below starts with a dot or a "g", when it is ASCII and has no backslash: most names do not.
        if let first = name.first, first != 0x2E, first | 0x20 != 0x67,
            name.allSatisfy({ $0 < 0x80 && $0 != 0x5C })
        {
            return true
        }
        guard !name.contains(UInt8(ascii: "\\")) else { return false }
        // What HFS+ ignores is not ASCII; what NTFS ignores is at the end or after a colon.
        var folded = name.filter { $0 < 0x80 }.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 0x20 : $0 }
        if let colon = folded.firstIndex(of: UInt8(ascii: ":")) { folded.removeSubrange(colon...) }
        while let last = folded.last, last == 0x20 || last == 0x2E { folded.removeLast() }
        let text = String(decoding: folded, as: UTF8.self)
        if text.hasPrefix("gi") && text.contains("~") { return false }
        return ![".git", ".gitmodules", ".gitattributes"].contains(text)
    }
}
