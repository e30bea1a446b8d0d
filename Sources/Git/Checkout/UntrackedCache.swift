import CLibgit2
import CPlatform
import Glibc

/// The part of an index that says which folders hold nothing untracked (gitformat-index, "Untracked cache"): `git status`
/// then lists only those that somebody changed.
///
/// `git` believes it for a folder whose times, owner and inode are the recorded ones, while the contents of all ignore
/// files are too, and at the recorded place only; it drops what does not fit and looks for itself. libgit2 reads past it
/// and leaves it out of what it writes.
struct UntrackedCache {
    /// The place of the directory as `git` sees it, with the zero byte at its end.
    private let location: [UInt8]
    private let exclude: git_oid
    private let folders: [FileStamp]

    static let signature = "UNTR"
    /// What `git status` looks for when it is not told otherwise: DIR_SHOW_OTHER_DIRECTORIES, DIR_HIDE_EMPTY_DIRECTORIES.
    private static let flags: UInt32 = 1 << 1 | 1 << 2

    /// `folders` are the stamps of the plan's folders, in its order.
    init(folders: [FileStamp], path: String, hub: Hub) {
        location = Self.location(of: path)
        self.folders = folders
        exclude = Self.excludes(of: hub)
    }

    /// Whether the file system tells a folder's every change by its time.
    static func isTrustworthy(_ directory: Int32) -> Bool {
        var type: Int64 = 0
        // ext2 to ext4, XFS, Btrfs, tmpfs (statfs(2)).
        return runner_file_system_type(directory, &type) == 0
            && [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994].contains(type)
    }

    /// The extension's content for a whole tree whose folders hold nothing else.
    func bytes(_ plan: CheckoutPlan) -> [UInt8] {
        var bytes = Self.variable(location.count) + location
        // The stamps of the two files above are not looked at; there is no file of the person's own.
        bytes += [UInt8](repeating: 0, count: 72)
        bytes += withUnsafeBytes(of: Self.flags.bigEndian, Array.init)
        bytes += withUnsafeBytes(of: exclude, Array.init)
        bytes += withUnsafeBytes(of: git_oid(), Array.init)
        bytes += Array(".gitignore".utf8) + [0]
        bytes += Self.variable(plan.folders.count)
        let (order, children) = Self.order(plan)
        for number in order {
            bytes.append(0)
            bytes += Self.variable(children[number].count)
            plan.appendName(of: plan.folders[number], to: &bytes)
        }
        // A folder whose ignore file were not named would be believed to have none.
        let ignores = Self.ignores(plan)
        bytes += Self.bitmap(order.map { _ in true })
        bytes += Self.bitmap(order.map { _ in false })
        bytes += Self.bitmap(order.map { ignores[$0] != nil })
        for number in order { folders[number].append(to: &bytes) }
        for number in order {
            if let id = ignores[number] { bytes += withUnsafeBytes(of: id, Array.init) }
        }
        bytes.append(0)
        return bytes
    }

    /// The index `bytes`, without its hash, after the directory `path` has become `other`; nil when it has no such part.
    static func move(_ bytes: [UInt8], from path: String, to other: String) -> [UInt8]? {
        let (old, new) = (location(of: path), location(of: other))
        // No name of a tree has a slash, so that nothing else in an index can look like it.
        let found = bytes.withUnsafeBytes { index in
            old.withUnsafeBytes { old in
                index.baseAddress.flatMap { start in
                    runner_memmem(start, index.count, old.baseAddress, old.count).map { $0 - start }
                }
            }
        }
        let start = (found ?? 0) - variable(old.count).count - 8
        guard let found, start > 0, bytes[start...].starts(with: Array(signature.utf8)) else { return nil }
        let content = variable(new.count) + new + bytes[(found + old.count)..<(bytes.count - 20)]
        let size = withUnsafeBytes(of: UInt32(content.count).bigEndian, Array.init)
        return bytes[..<start] + Array(signature.utf8) + size + content
    }

    /// Where `git` will say that the directory is, which need not be there (yet, or any more).
    private static func location(of path: String) -> [UInt8] {
        let place = BytePath(path)
        guard let real = withCName(place.parent.bytes, { realpath($0, nil) }) else { return ident(place.bytes) }
        defer { free(real) }
        return ident(Array(UnsafeRawBufferPointer(start: real, count: strlen(real))) + [BytePath.slash] + place.name)
    }

    private static func ident(_ path: [UInt8]) -> [UInt8] {
        Array("Location ".utf8) + path + Array(", system Linux".utf8) + [0]
    }

    /// The hash of the hub's own ignore file, as `git` computes it: with a newline more, unless it is empty.
    private static func excludes(of hub: Hub) -> git_oid {
        var id = git_oid()
        guard var content = Directory.read(hub.path + "/info/exclude", limit: Hub.excludesLimit) else { return id }
        if !content.isEmpty { content.append(UInt8(ascii: "\n")) }
        _ = git_odb_hash(&id, content, content.count, GIT_OBJECT_BLOB)
        return id
    }

    /// The folders depth first, those of one folder by their names' bytes, in which `git` searches them.
    private static func order(_ plan: CheckoutPlan) -> (order: [Int], children: [[Int]]) {
        var children = [[Int]](repeating: [], count: plan.folders.count)
        for number in plan.folders.indices.dropFirst() { children[plan.folders[number].parent].append(number) }
        plan.bytes.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return }
            for number in children.indices where children[number].count > 1 {
                children[number].sort {
                    strcmp(start + plan.folders[$0].nameStart, start + plan.folders[$1].nameStart) < 0
                }
            }
        }
        var order: [Int] = []
        var stack = [0]
        while let number = stack.popLast() {
            order.append(number)
            stack += children[number].reversed()
        }
        return (order, children)
    }

    /// The ids of the folders' ignore files.
    private static func ignores(_ plan: CheckoutPlan) -> [Int: git_oid] {
        var ignores: [Int: git_oid] = [:]
        for entry in plan.entries where entry.isRegular && plan.isNamed(entry, ignoreName) {
            ignores[entry.folder] = entry.id
        }
        return ignores
    }

    private static let ignoreName = Array(".gitignore".utf8).map { CChar(bitPattern: $0) }

    /// A number as `git`'s varint.c writes it.
    private static func variable(_ number: Int) -> [UInt8] {
        var (rest, bytes) = (number >> 7, [UInt8(number & 0x7F)])
        while rest > 0 {
            rest -= 1
            bytes.append(0x80 | UInt8(rest & 0x7F))
            rest >>= 7
        }
        return bytes.reversed()
    }

    /// An EWAH bitmap (git's technical/bitmap-format) that says every word as it is.
    private static func bitmap(_ bits: [Bool]) -> [UInt8] {
        var words = [UInt64](repeating: 0, count: (bits.count + 63) / 64)
        for (place, bit) in bits.enumerated() where bit { words[place / 64] |= 1 << UInt64(place % 64) }
        var bytes = withUnsafeBytes(of: UInt32(bits.count).bigEndian, Array.init)
        bytes += withUnsafeBytes(of: UInt32(words.count + 1).bigEndian, Array.init)
        for word in [UInt64(words.count) << 33] + words { bytes += withUnsafeBytes(of: word.bigEndian, Array.init) }
        // Where the last marker is: there is one.
        return bytes + withUnsafeBytes(of: UInt32(0), Array.init)
    }
}
