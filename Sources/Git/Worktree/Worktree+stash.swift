package import Foundation

extension Worktree {
    /// How many entries `git stash` made on `branch` (a short name) at `start` or later, and that are still there.
    ///
    /// All worktrees of a hub share one stash; an entry says which branch was checked out.
    package func stashEntries(on branch: String, since start: Date) -> Int {
        guard let log = Directory.read(hub.path + "/logs/refs/stash", limit: 1 << 20) else { return 0 }
        return log.split(separator: UInt8(ascii: "\n")).count { line in
            // Old and new id, who, when and zone, a tab, and "WIP on BRANCH: …" or "On BRANCH: …".
            let parts = String(decoding: line, as: UTF8.self).split(separator: "\t", maxSplits: 1)
            guard parts.count == 2,
                ["WIP on \(branch): ", "On \(branch): "].contains(where: { parts[1].hasPrefix($0) }),
                let time = parts[0].split(separator: " ").dropLast().last.flatMap({ Int($0) })
            else { return false }
            return time >= Int(start.timeIntervalSince1970)
        }
    }
}
