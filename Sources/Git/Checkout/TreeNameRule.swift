import Glibc

/// Which names of a tree may become files: the rules of `git`'s `verify_path` with all its protections on.
///
/// A name that HFS+ or NTFS would take for `.git` is refused here too: the tree may be copied there, and an agent's
/// tools may fold names alike.
enum TreeNameRule {
    /// Why the name cannot be checked out, to complete "it holds 'x', …"; nil when it can.
    static func refusal(_ name: UnsafeBufferPointer<UInt8>, isLink: Bool) -> String? {
        guard let first = name.first else { return "an empty name" }
        if name.count > 255 { return "a name of more than 255 bytes" }
        if first == dot, name.count == 1 || (name.count == 2 && name[1] == dot) { return "a name for another folder" }
        var isPlain = first != dot
        for byte in name where byte == slash || byte == backslash || byte == tilde || byte >= 0x80 || byte == colon {
            if byte == slash { return "a name with a slash" }
            isPlain = false
        }
        // `git~1` and the like have a tilde, folded look-alikes are not ASCII: all others start with a dot.
        if isPlain { return nil }
        if isNTFS(name, ".git", short: "git~1") || isHFS(name, ".git") { return "a name that can stand for .git" }
        if isLink, isNTFS(name, ".gitmodules", short: "gitmod~1") || isHFS(name, ".gitmodules") {
            return "a link in the place of .gitmodules"
        }
        return nil
    }

    private static let dot = UInt8(ascii: ".")
    private static let slash = UInt8(ascii: "/")
    private static let backslash = UInt8(ascii: "\\")
    private static let tilde = UInt8(ascii: "~")
    private static let colon = UInt8(ascii: ":")

    /// NTFS ignores dots and spaces at the end, a stream name after a colon, and has short names; a backslash is a
    /// separator there, so each part counts.
    private static func isNTFS(_ name: UnsafeBufferPointer<UInt8>, _ folded: String, short: String) -> Bool {
        for part in name.split(separator: backslash, omittingEmptySubsequences: true) {
            var kept = part.prefix { $0 != colon }
            while let last = kept.last, last == UInt8(ascii: " ") || last == dot { kept.removeLast() }
            if equals(kept, folded) || equals(kept, short) { return true }
        }
        return false
    }

    /// HFS+ ignores some code points and case.
    private static func isHFS(_ name: UnsafeBufferPointer<UInt8>, _ folded: String) -> Bool {
        guard name.count >= folded.utf8.count, let text = String(validating: name, as: UTF8.self) else { return false }
        let kept = text.unicodeScalars.filter { !isIgnored($0.value) }
        guard kept.allSatisfy(\.isASCII) else { return false }
        return equals(kept.map { UInt8($0.value) }, folded)
    }

    private static func isIgnored(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x200C...0x200F, 0x202A...0x202E, 0x206A...0x206F, 0xFEFF: true
        default: false
        }
    }

    private static func equals(_ bytes: some Collection<UInt8>, _ folded: String) -> Bool {
        bytes.count == folded.utf8.count && zip(bytes, folded.utf8).allSatisfy { UInt8(tolower(Int32($0))) == $1 }
    }
}
