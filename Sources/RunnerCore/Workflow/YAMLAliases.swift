/// Bounds how large a YAML file becomes when its aliases are written out, before a parser sees it.
///
/// Yams shares what aliases share, but hashes map keys as if they were written out: a bomb inside a key would keep it
/// busy for ever. This looks at the text alone, so that a `&word` with a later `*word` in a script counts too; that
/// only matters for thousands of them.
struct YAMLAliases {
    /// Characters of the file plus, for each alias, those of what it stands for; saturates.
    let expandedSize: Int

    private static let ceiling = 1 << 40

    init(_ bytes: ArraySlice<UInt8>) {
        var sizes: [ArraySlice<UInt8>: Int] = [:]
        /// Anchors that were not referred to yet: where they are, and what the aliases after them added.
        var open: [ArraySlice<UInt8>: (start: Int, added: Int)] = [:]
        var total = bytes.count
        /// What all aliases so far added, so that each anchor need not be visited for each alias.
        var added = 0
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*") else {
                index += 1
                continue
            }
            let name = bytes[(index + 1)...].prefix(while: YAMLAliases.isNameByte)
            if name.isEmpty {
                index += 1
                continue
            }
            if byte == UInt8(ascii: "&") {
                open[name] = (index, added)
            } else {
                if let anchor = open.removeValue(forKey: name) {
                    sizes[name] = min(YAMLAliases.ceiling, index - anchor.start + added - anchor.added)
                }
                if let size = sizes[name] {
                    added = min(YAMLAliases.ceiling, added + size)
                    total = min(YAMLAliases.ceiling, total + size)
                }
            }
            index = name.endIndex
        }
        expandedSize = total
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
