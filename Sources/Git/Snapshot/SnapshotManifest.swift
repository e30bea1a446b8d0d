/// Everything a snapshot knows about the worktree it saved: one record for each path, directories included.
///
/// Stored as lines of text in the blob `manifest`, readable with `git show <ref>:manifest`.
package struct SnapshotManifest: Sendable, Hashable {
    /// The name of the worktree in its hub.
    package var worktree: String
    /// The worktree's HEAD as its file held it, as `ref: refs/heads/x`.
    package var head: String
    /// The commit of HEAD; nil on a branch that is not born.
    package var headCommit: ObjectID?
    /// The commit whose tree is the index; nil when there was no index.
    package var indexCommit: ObjectID?
    /// Commits beside HEAD that only the worktree knew, and the stash; each is a parent of the snapshot.
    package var tips: [ObjectID]
    /// The shared stash reference at that time.
    package var stash: ObjectID?
    /// Ordered by area and path, a directory before what it holds.
    package var entries: [SnapshotEntry]

    /// The entries whose content, or something that belongs to it, is not in the snapshot.
    package var notSaved: [SnapshotReport.NotSaved] {
        entries.filter { $0.class == .unsaved || !$0.reason.isEmpty }.map {
            SnapshotReport.NotSaved(path: $0.path.description, reason: $0.reason, size: $0.size)
        }
    }

    var text: [UInt8] {
        var text = "runner-snapshot 1\n"
        text += "worktree \(BytePath(worktree))\n"
        text += "head \(BytePath(head))\n"
        if let headCommit { text += "head-commit \(headCommit)\n" }
        if let indexCommit { text += "index-commit \(indexCommit)\n" }
        if let stash { text += "stash \(stash)\n" }
        for tip in tips { text += "tip \(tip)\n" }
        text += "entries \(entries.count)\n\n"
        var bytes = Array(text.utf8)
        bytes.reserveCapacity(bytes.count + entries.count * 160)
        for entry in entries {
            entry.appendLine(to: &bytes)
            bytes.append(0x0A)
        }
        return bytes
    }

    init(
        worktree: String, head: String, headCommit: ObjectID?, indexCommit: ObjectID?, tips: [ObjectID],
        stash: ObjectID?, entries: [SnapshotEntry]
    ) {
        self.worktree = worktree
        self.head = head
        self.headCommit = headCommit
        self.indexCommit = indexCommit
        self.tips = tips
        self.stash = stash
        self.entries = entries
    }

    /// Reads a stored manifest whole, or throws: a part of one is no manifest.
    init(text: [UInt8]) throws(GitError) {
        let broken = GitError(
            code: .generic, operation: "read the manifest of a snapshot", message: "it is not one of version 1")
        self.init(
            worktree: "", head: "", headCommit: nil, indexCommit: nil, tips: [], stash: nil, entries: [])
        let lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard lines.first.map({ Array($0) }) == Array("runner-snapshot 1".utf8) else { throw broken }
        guard let blank = lines.firstIndex(where: \.isEmpty) else { throw broken }
        var announced: Int?
        for line in lines[1..<blank] {
            guard let space = line.firstIndex(of: 0x20) else { throw broken }
            let value = line[(space + 1)...]
            try readHeader(String(decoding: line[..<space], as: UTF8.self), value, &announced, broken)
        }
        // The last line ends in a newline, which leaves one empty piece after it.
        let rows = lines[(blank + 1)...].dropLast()
        guard rows.count == announced else { throw broken }
        entries.reserveCapacity(rows.count)
        for row in rows {
            guard let entry = SnapshotEntry(line: row) else { throw broken }
            entries.append(entry)
        }
    }

    private mutating func readHeader(
        _ key: String, _ value: ArraySlice<UInt8>, _ announced: inout Int?, _ broken: GitError
    ) throws(GitError) {
        let text = String(decoding: value, as: UTF8.self)
        switch key {
        case "worktree", "head":
            guard let bytes = BytePath.unescape(value) else { throw broken }
            let plain = String(decoding: bytes, as: UTF8.self)
            if key == "head" { head = plain } else { worktree = plain }
        case "head-commit": headCommit = ObjectID(text)
        case "index-commit": indexCommit = ObjectID(text)
        case "stash": stash = ObjectID(text)
        case "tip":
            guard let id = ObjectID(text) else { throw broken }
            tips.append(id)
        case "entries": announced = Int(text)
        default: throw broken
        }
    }
}
