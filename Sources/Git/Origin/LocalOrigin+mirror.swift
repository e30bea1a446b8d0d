import CLibgit2
import CPlatform
import Glibc

extension LocalOrigin {
    /// What `mirror` did.
    package struct MirrorReport: Sendable, Hashable {
        package let filesLinked: Int
        package let filesCopied: Int
        package let branches: Int
    }

    /// Brings all objects, branches and tags of the origin into `hub`, under its lock; safe to repeat.
    ///
    /// Branches become `refs/remotes/origin/*`; those that are gone at the origin go here too. Task branches and
    /// everything under `refs/runner/` stay as they are. Costs about a second for a large repository the first time,
    /// milliseconds later. What a partial clone lacks is lacked by the hub too.
    package func mirror(into hub: Hub) throws(GitError) -> MirrorReport {
        try hub.withLock { () throws(GitError) in try mirrorLocked(into: hub) }
    }

    private func mirrorLocked(into hub: Hub) throws(GitError) -> MirrorReport {
        let objects = commonDirectory + "/objects"
        var mirror = ObjectMirror(
            into: hub.path + "/objects", stamps: MirrorStamps(at: hub.path + "/runner.mirrored", objects: objects))
        var last: GitError?
        // A repack at the origin moves objects between two looks at it; three looks see a quiet moment.
        for _ in 0..<3 {
            let complete = try mirror.mirror(objects)
            try copyShallow(into: hub)
            do throws(GitError) {
                let branches = try copyReferences(into: hub)
                if complete {
                    return MirrorReport(filesLinked: mirror.linked, filesCopied: mirror.copied, branches: branches)
                }
            } catch {
                last = error
            }
        }
        throw last
            ?? GitError(
                code: .modified, operation: "copy '\(commonDirectory)'", message: "it changes all the time; try again")
    }

    /// A shallow origin's boundary; without it the hub's history would look broken.
    private func copyShallow(into hub: Hub) throws(GitError) {
        let (source, target) = (commonDirectory + "/shallow", hub.path + "/shallow")
        guard access(source, F_OK) == 0 else {
            // The origin got its whole history meanwhile.
            unlink(target)
            return
        }
        guard let bytes = Directory.read(source) else { throw .system("read '\(source)'", errno: EFBIG) }
        try Directory.write(bytes, to: target)
    }

    private func copyReferences(into hub: Hub) throws(GitError) -> Int {
        let source = try open()
        let target = try hub.open()
        // By their bytes: as texts, names that differ only in their Unicode form would be one.
        var branches: [BytePath: ObjectID] = [:]
        for (name, id) in try source.references(matching: "refs/heads/*") {
            branches[BytePath("refs/remotes/origin/" + name.dropFirst("refs/heads/".count))] = id
        }
        let present = try target.references(matching: "refs/remotes/origin/*")
        // Gone branches first: `a` may have made room for `a/b`.
        let gone = present.map(\.name).filter { branches[BytePath($0)] == nil && $0 != "refs/remotes/origin/HEAD" }
        if gone.count >= PackedReferences.many {
            try PackedReferences(directory: target.commonDirectory).change(adding: [:], removing: gone)
        }
        for name in gone {
            try target.deleteReference(name)
            // One that was taken out above already has left its log, in the way of a branch below its name.
            Self.removeLog(of: name, in: target.commonDirectory)
        }
        let known = Dictionary(present.map { (BytePath($0.name), $0.id) }, uniquingKeysWith: { first, _ in first })
        try write(branches, known: known, to: target)
        try copyTags(from: source, to: target)
        // A detached HEAD may be on no branch; its commit still has to live here.
        if case .detached(let commit) = try source.head() {
            try target.setReference("refs/runner/origin-head", to: commit)
        }
        return branches.count
    }

    /// Tags that are gone at the origin stay, because a task may have made them, except where they are in the way.
    private func copyTags(
        from source: borrowing GitRepository, to target: borrowing GitRepository
    ) throws(GitError) {
        let tags = try source.references(matching: "refs/tags/*")
        let folders = Set(tags.flatMap { tag in Self.folders(of: tag.name) }.map { BytePath($0) })
        let names = Set(tags.map { BytePath($0.name) })
        var known: [BytePath: ObjectID] = [:]
        for (name, id) in try target.references(matching: "refs/tags/*") {
            // `v1` and `v1/b` cannot both be.
            if folders.contains(BytePath(name))
                || !names.isDisjoint(with: Self.folders(of: name).map { BytePath($0) })
            {
                try target.deleteReference(name)
            } else {
                known[BytePath(name)] = id
            }
        }
        let wanted = Dictionary(tags.map { (BytePath($0.name), $0.id) }) { first, _ in first }
        try write(wanted, known: known, to: target)
    }

    /// Sets those that are elsewhere, and makes those that are not known; many at once packed.
    private func write(
        _ references: [BytePath: ObjectID], known: [BytePath: ObjectID], to target: borrowing GitRepository
    ) throws(GitError) {
        let new = references.filter { known[$0.key] == nil }
        let isPacked = new.count >= PackedReferences.many
        if isPacked { try PackedReferences(directory: target.commonDirectory).change(adding: new) }
        for (path, id) in references where known[path] != id && !(isPacked && known[path] == nil) {
            let name = String(decoding: path.bytes, as: UTF8.self)
            if known[path] == nil {
                // What earlier versions left, see above.
                for folder in Self.folders(of: name) { unlink("\(target.commonDirectory)/logs/\(folder)") }
            }
            try target.setReference(name, to: id)
        }
    }

    /// Removes the log of a reference that is gone, and the folders that it leaves empty.
    private static func removeLog(of name: String, in directory: String) {
        unlink("\(directory)/logs/\(name)")
        for folder in folders(of: name).reversed() where rmdir("\(directory)/logs/\(folder)") != 0 { return }
    }

    /// `refs/tags/a` and `refs/tags/a/b` for `refs/tags/a/b/c`.
    private static func folders(of name: String) -> [String] {
        let parts = name.split(separator: "/")
        return parts.count < 4 ? [] : (3..<parts.count).map { parts[..<$0].joined(separator: "/") }
    }
}
