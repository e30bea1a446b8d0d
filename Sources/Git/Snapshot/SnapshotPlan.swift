/// Decides for each scanned path which class it has, and whether its content is saved.
struct SnapshotPlan {
    private(set) var entries: [SnapshotEntry] = []
    /// Unsaved paths that hold work: with one of these a worktree must not be removed.
    private(set) var losses: Set<BytePath> = []

    private static let dotGit = Array(".git".utf8)
    private var linkGroups: [[UInt64]: Int] = [:]

    /// Plans the worktree's own files.
    init(worktree scan: [ScannedEntry], tracked: Set<BytePath>, rules: borrowing IgnoreRules, request: SnapshotRequest)
    {
        let repositories = Set(scan.filter { $0.path.name == Self.dotGit }.map(\.path.parent))
        var ignoredRoot: BytePath?
        var nested: BytePath?
        var groups: [(root: BytePath, entries: [SnapshotEntry])] = []
        for found in scan {
            if let root = ignoredRoot, !found.path.isWithin(root) { ignoredRoot = nil }
            if let root = nested, !found.path.isWithin(root) { nested = nil }
            let isTracked = tracked.contains(found.path)
            let isDotGit = found.path.contains(Self.dotGit)
            if ignoredRoot == nil, nested == nil, !isTracked, !isDotGit,
                rules.ignores(found.path, isDirectory: found.facts.kind == .directory)
            {
                ignoredRoot = found.path
                groups.append((found.path, []))
            }
            // A nested repository has rules of its own, which are not ours to trust: it is saved whole.
            if nested == nil, !found.path.isEmpty, repositories.contains(found.path) { nested = found.path }
            let kind: SnapshotEntry.Class =
                isTracked ? .tracked : ignoredRoot != nil ? .ignored : isDotGit ? .odd : .untracked
            var entry = SnapshotEntry(area: .worktree, class: kind, path: found.path, facts: found.facts)
            settle(&entry, found)
            if entry.class == .ignored {
                groups[groups.count - 1].entries.append(entry)
            } else {
                entries.append(entry)
            }
        }
        applyCaps(groups, request)
    }

    /// Plans a folder of the hub, saved whole.
    init(gitdir scan: [ScannedEntry]) {
        for found in scan {
            var entry = SnapshotEntry(area: .gitdir, class: .odd, path: found.path, facts: found.facts)
            settle(&entry, found)
            entries.append(entry)
        }
    }

    /// Numbers hard links and names what cannot be saved.
    private mutating func settle(_ entry: inout SnapshotEntry, _ found: ScannedEntry) {
        if found.facts.kind == .file, found.facts.linkCount > 1 {
            let next = linkGroups.count + 1
            entry.linkGroup = linkGroups[[found.facts.device, found.facts.inode], default: next]
            linkGroups[[found.facts.device, found.facts.inode]] = entry.linkGroup
        }
        entry.reason = found.notice ?? ""
        if let problem = found.problem {
            let wasIgnored = entry.class == .ignored
            markUnsaved(&entry, problem)
            if !wasIgnored { losses.insert(entry.path) }
            return
        }
        switch found.facts.kind {
        case .file, .symlink, .directory, .fifo: break
        case .socket: markUnsaved(&entry, "a socket has no content")
        case .characterDevice, .blockDevice: markUnsaved(&entry, "a device; only its number is recorded")
        case .unknown:
            markUnsaved(&entry, "its kind is unknown")
            losses.insert(entry.path)
        }
    }

    private func markUnsaved(_ entry: inout SnapshotEntry, _ reason: String) {
        entry.class = .unsaved
        entry.reason = reason
    }

    /// Saves ignored files as far as the caps go, small groups first; a group is one ignored folder or file.
    private mutating func applyCaps(
        _ groups: [(root: BytePath, entries: [SnapshotEntry])], _ request: SnapshotRequest
    ) {
        var room = request.ignoredTotalCap
        let sized = groups.map { group in
            let files = group.entries.filter { $0.kind == .file }
            return (
                group: group, total: Self.sum(files.map(\.size)),
                saved: Self.sum(files.map(\.size).filter { $0 <= request.ignoredFileCap })
            )
        }
        for (group, total, saved) in sized.sorted(by: { ($0.saved, $0.group.root) < ($1.saved, $1.group.root) }) {
            guard saved <= room else {
                if var root = group.entries.first(where: { $0.path == group.root }) {
                    markUnsaved(&root, "ignored, and above the limit for ignored files")
                    root.size = total
                    entries.append(root)
                }
                continue
            }
            room -= saved
            for var entry in group.entries {
                if entry.kind == .file, entry.class == .ignored, entry.size > request.ignoredFileCap {
                    markUnsaved(&entry, "ignored, and above the limit for one ignored file")
                }
                entries.append(entry)
            }
        }
        entries.sort { $0.path < $1.path }
    }

    /// Files with holes can be of any size, and two of them more than a number holds.
    private static func sum(_ sizes: [Int64]) -> Int64 {
        sizes.reduce(0) {
            let (sum, isTooLarge) = $0.addingReportingOverflow($1)
            return isTooLarge ? .max : sum
        }
    }
}
