/// Compares a folder on disk with what a manifest says of it.
struct SnapshotComparison {
    private let area: SnapshotEntry.Area
    private let expected: [BytePath: SnapshotEntry]
    private let unsaved: Set<BytePath>
    private let withTimes: Bool
    private let isSkipped: (BytePath) -> Bool
    /// Whether the facts alone prove a content.
    private let isTrusted: (BytePath, FileFacts) -> Bool

    /// Times are compared only where they were set to be equal: after a restore.
    init(
        _ manifest: SnapshotManifest, _ area: SnapshotEntry.Area, withTimes: Bool = false,
        skipping isSkipped: @escaping (BytePath) -> Bool = { _ in false },
        trusting isTrusted: @escaping (BytePath, FileFacts) -> Bool = { _, _ in false }
    ) {
        self.area = area
        self.withTimes = withTimes
        self.isSkipped = isSkipped
        self.isTrusted = isTrusted
        var expected: [BytePath: SnapshotEntry] = [:]
        var unsaved: Set<BytePath> = []
        for entry in manifest.entries where entry.area == area && !isSkipped(entry.path) {
            expected[entry.path] = entry
            if entry.class == .unsaved { unsaved.insert(entry.path) }
        }
        self.expected = expected
        self.unsaved = unsaved
    }

    /// Every path that is new, missing or different, in the order of the disk; reads all contents that are not trusted.
    func differences(beneath root: DirectoryHandle) throws(GitError) -> [SnapshotVerification.Difference] {
        var found: [SnapshotVerification.Difference] = []
        var missing = expected.filter { $0.value.class != .unsaved }
        var links: [Int: [UInt64]] = [:]
        let cursor = DirectoryCursor(root: root)
        for entry in try DirectoryScan.entries(beneath: root) where !isSkipped(entry.path) {
            guard let wanted = expected[entry.path] else {
                if !isBeneathUnsaved(entry.path) { found.append(difference(entry.path, "is new")) }
                continue
            }
            missing[entry.path] = nil
            if wanted.class == .unsaved { continue }
            if let what = try compare(entry, wanted, &links, cursor) { found.append(difference(entry.path, what)) }
        }
        return found + missing.keys.sorted().map { difference($0, "is missing") }
    }

    private func compare(
        _ entry: ScannedEntry, _ wanted: SnapshotEntry, _ links: inout [Int: [UInt64]], _ cursor: DirectoryCursor
    ) throws(GitError) -> String? {
        let facts = entry.facts
        if let problem = entry.problem { return "cannot be read: \(problem)" }
        if facts.kind != wanted.kind { return "is a \(facts.kind.rawValue), not a \(wanted.kind.rawValue)" }
        if facts.permissions != wanted.permissions { return "has another mode" }
        if facts.kind != .directory, facts.size != wanted.size { return "has another size" }
        if withTimes,
            facts.modifiedSeconds != wanted.modifiedSeconds
                || facts.modifiedNanoseconds != wanted.modifiedNanoseconds
        {
            return "has another time of change"
        }
        if wanted.linkGroup > 0 {
            let file = [facts.device, facts.inode]
            if links[wanted.linkGroup, default: file] != file { return "is no longer the same file as its hard links" }
            links[wanted.linkGroup] = file
        }
        guard let blob = wanted.blob, !isTrusted(entry.path, facts) else { return nil }
        do throws(GitError) {
            try cursor.seek(entry.path.parent.components)
            if facts.kind == .symlink {
                let target = try cursor.current.linkTarget(entry.path.name)
                return try BlobHash.of(target) == blob ? nil : "points elsewhere"
            }
            return try BlobHash.of(try OpenFile(entry.path.name, in: cursor.current)) == blob
                ? nil : "has another content"
        } catch {
            return "cannot be compared: \(error.message)"
        }
    }

    private func isBeneathUnsaved(_ path: BytePath) -> Bool {
        var folder = path
        while !folder.isEmpty {
            folder = folder.parent
            if unsaved.contains(folder) { return true }
        }
        return false
    }

    private func difference(_ path: BytePath, _ what: String) -> SnapshotVerification.Difference {
        let name = path.isEmpty ? "." : path.description
        return .init(path: area == .worktree ? name : "\(area.rawValue):\(name)", what: what)
    }
}
