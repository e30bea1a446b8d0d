/// The short text that a repository has in place of a file's content (Git LFS specification, version 1).
package struct LargeFilePointer: Sendable, Hashable {
    /// The SHA-256 of the content, in 64 lower-case digits.
    package let hash: String
    /// Bytes of the content.
    package let size: Int

    /// The value of the attribute `filter` that says which files are stored so.
    static let filter = "lfs"
    /// A pointer has fewer bytes than this.
    static let limit = 1024

    private static let versions = [
        "version https://git-lfs.github.com/spec/v1", "version https://hawser.github.com/spec/v1",
        "version http://git-media.io/v/2",
    ]

    init(hash: String, size: Int) {
        self.hash = hash
        self.size = size
    }

    /// Nil for anything but a plain pointer; one with extensions needs programs of the person's own.
    init?(_ content: some Collection<UInt8>) {
        guard content.count < Self.limit, let text = String(validating: content, as: UTF8.self) else { return nil }
        // A carriage return and a newline are one character.
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" })
        while lines.last?.isEmpty == true { lines.removeLast() }
        let (oid, size) = ("oid sha256:", "size ")
        guard lines.count == 3, Self.versions.contains(String(lines[0])), lines[1].hasPrefix(oid),
            lines[2].hasPrefix(size), let count = Int(lines[2].dropFirst(size.count)), count >= 0,
            lines[2].dropFirst(size.count).allSatisfy({ ("0"..."9").contains($0) })
        else { return nil }
        let digits = lines[1].dropFirst(oid.count)
        guard digits.utf8.count == 64, digits.allSatisfy({ ("0"..."9").contains($0) || ("a"..."f").contains($0) })
        else { return nil }
        self.init(hash: String(digits), size: count)
    }

    /// As `git lfs clean` writes it; an empty file stays empty.
    var text: [UInt8] {
        size == 0 ? [] : Array("\(Self.versions[0])\noid sha256:\(hash)\nsize \(size)\n".utf8)
    }
}
