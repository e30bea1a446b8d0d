/// One path of a snapshot, as its manifest records it.
package struct SnapshotEntry: Sendable, Hashable {
    /// Which folder the path is relative to.
    package enum Area: String, Sendable {
        case worktree
        /// The worktree's administrative folder in the hub.
        case gitdir
        /// Files of the hub that all its worktrees share and this one may need.
        case common
    }

    package enum Class: String, Sendable, CaseIterable {
        case tracked, untracked, ignored
        /// Bound to no class of Git's, or no name that Git accepts: nested repositories' own files and the like.
        case odd
        /// Named, but its content is not in the snapshot.
        case unsaved
    }

    package var area: Area
    package var `class`: Class
    package var path: BytePath
    package var kind: FileFacts.Kind
    package var permissions: UInt32
    package var size: Int64
    package var modifiedSeconds: Int64
    package var modifiedNanoseconds: Int64
    package var owner: UInt32
    package var group: UInt32
    package var deviceNumber: UInt64
    /// The content of a file or the target of a symbolic link.
    package var blob: ObjectID?
    /// Paths with the same number above 0 are one file.
    package var linkGroup: Int
    /// The file took less room on disk than its size.
    package var isSparse: Bool
    /// What is not saved and why: with `.unsaved` the content, otherwise what belongs to it, as extended attributes.
    package var reason: String

    init(area: Area, class: Class, path: BytePath, facts: FileFacts) {
        self.area = area
        self.class = `class`
        self.path = path
        kind = facts.kind
        permissions = facts.permissions
        size = facts.kind == .directory ? 0 : facts.size
        modifiedSeconds = facts.modifiedSeconds
        modifiedNanoseconds = facts.modifiedNanoseconds
        owner = facts.owner
        group = facts.group
        deviceNumber = facts.deviceNumber
        blob = nil
        linkGroup = 0
        isSparse = facts.kind == .file && facts.allocated < facts.size && facts.size >= 65_536
        reason = ""
    }
}

extension SnapshotEntry {
    /// One line of a manifest: eleven fields between tabs, without the newline.
    var line: String {
        var text: [UInt8] = []
        appendLine(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the line; a snapshot writes tens of thousands of them.
    func appendLine(to text: inout [UInt8]) {
        func add(_ field: String, _ mark: UInt8 = UInt8(ascii: "\t")) {
            text.append(contentsOf: field.utf8)
            text.append(mark)
        }
        let colon = UInt8(ascii: ":")
        add(area.rawValue)
        add(`class`.rawValue)
        add(kind.rawValue)
        add(String(permissions, radix: 8))
        add(String(size))
        add(String(modifiedSeconds), colon)
        add(String(modifiedNanoseconds))
        add(String(owner), colon)
        add(String(group))
        add(blob?.hex ?? "-")
        add(String(linkGroup), colon)
        add(isSparse ? "1" : "0", colon)
        add(String(deviceNumber))
        BytePath.append(escaping: path.bytes, to: &text)
        add("")
        BytePath.append(escaping: Array(reason.utf8), to: &text)
    }

    /// Reads what `line` wrote; nil for anything else.
    init?(line: ArraySlice<UInt8>) {
        let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        guard fields.count == 11 else { return nil }
        let text = fields.map { String(decoding: $0, as: UTF8.self) }
        let times = text[5].split(separator: ":").compactMap { Int64($0) }
        let owners = text[6].split(separator: ":").compactMap { UInt32($0) }
        let marks = text[8].split(separator: ":").compactMap { UInt64($0) }
        guard let area = Area(rawValue: text[0]), let `class` = Class(rawValue: text[1]),
            let kind = FileFacts.Kind(rawValue: text[2]), let permissions = UInt32(text[3], radix: 8),
            let size = Int64(text[4]), times.count == 2, owners.count == 2, marks.count == 3,
            let path = BytePath.unescape(fields[9]), let reason = BytePath.unescape(fields[10])
        else { return nil }
        self.area = area
        self.class = `class`
        self.kind = kind
        self.permissions = permissions
        self.size = size
        (modifiedSeconds, modifiedNanoseconds) = (times[0], times[1])
        (owner, group) = (owners[0], owners[1])
        blob = ObjectID(text[7])
        (linkGroup, isSparse, deviceNumber) = (Int(clamping: marks[0]), marks[1] == 1, marks[2])
        self.path = BytePath(path)
        self.reason = String(decoding: reason, as: UTF8.self)
    }
}
