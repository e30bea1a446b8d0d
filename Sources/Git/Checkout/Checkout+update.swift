import CLibgit2
import CPlatform
import Glibc

extension Checkout {
    /// Brings a directory that an earlier checkout of ours filled, and nobody touched since, to `commit`.
    ///
    /// Only what differs is written. Where the attributes differ, the content of any file may, so that all is written
    /// anew. After an error the directory is in between and no good.
    func update() throws(GitError) -> CheckoutReport {
        let repository = try worktree.open()
        var plan = try CheckoutPlan(repository, commit: commit, protects: protects)
        let old = try IndexEntries(path: worktree.adminPath + "/index")
        let root = runner_open(worktree.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard root >= 0 else { throw .system("open the directory '\(worktree.path)'", errno: errno) }
        defer { close(root) }
        let hasOwn = access(worktree.hub.path + "/info/attributes", F_OK) == 0
        let stamps = CheckoutStamps(count: plan.entries.count, honoursAllAttributes: hasOwn)
        let removed = Self.compare(&plan, old, stamps)
        if removed.attributes {
            try worktree.emptyDirectory()
            return try run()
        }
        for entry in removed.entries { try Self.remove(old, entry, root) }
        try reviseLargeFiles(&plan, repository, stamps, root)
        try makeFolders(plan, root, onlyMissing: true)
        let report = try writeFiles(plan, root, stamps)
        try writeIndex(plan, root, stamps)
        return report
    }

    /// Marks what stays, with its stamp, and returns what has to go first.
    private static func compare(
        _ plan: inout CheckoutPlan, _ old: IndexEntries, _ stamps: CheckoutStamps
    ) -> (entries: [IndexEntries.Entry], attributes: Bool) {
        var removed: [IndexEntries.Entry] = []
        var attributes = false
        var next = 0
        for entry in old.entries {
            while next < plan.entries.count, plan.order(next, before: entry, in: old) < 0 {
                attributes = attributes || plan.isAttributes(plan.entries[next])
                next += 1
            }
            let isSame = next < plan.entries.count && plan.order(next, before: entry, in: old) == 0
            if isSame, plan.entries[next].mode == entry.mode, git_oid_equal(plan.entries[next].id, entry.id) {
                plan.keep(next)
                stamps[next] = entry.stamp
            } else {
                removed.append(entry)
                attributes = attributes || old.isAttributes(entry)
            }
            if isSame { next += 1 }
        }
        attributes = attributes || plan.entries[next...].contains(where: plan.isAttributes)
        return (removed, attributes)
    }

    /// Has those files written anew that Git LFS keeps and that may not be what is wanted now: an earlier checkout had no
    /// content for them, or the setting was another.
    private func reviseLargeFiles(
        _ plan: inout CheckoutPlan, _ repository: borrowing GitRepository, _ stamps: CheckoutStamps, _ root: Int32
    ) throws(GitError) {
        guard let use = worktree.hub.largeFileUse else { return }
        guard stamps.honoursAllAttributes || plan.folders.contains(where: \.hasAttributes) else { return }
        let attributes = try CheckoutAttributes(repository, plan: plan)
        for number in plan.entries.indices where plan.entries[number].isKept && plan.entries[number].isRegular {
            let entry = plan.entries[number]
            // No pointer is that long.
            if use == .filled, stamps[number].size >= LargeFilePointer.limit { continue }
            guard stamps.honoursAllAttributes || plan.folders[entry.folder].hasAttributes else { continue }
            let conversion = try plan.withPath(at: entry.path) { path in
                Result { () throws(GitError) in try attributes.conversion(path) }
            }.get()
            guard conversion.isLarge else { continue }
            guard plan.withPath(at: entry.path, { unlinkat(root, $0, 0) }) == 0 || errno == ENOENT else {
                throw .system("remove '\(plan.text(at: entry.path))'", errno: errno)
            }
            plan.remake(number)
        }
    }

    private static func git_oid_equal(_ a: git_oid, _ b: git_oid) -> Bool {
        withUnsafeBytes(of: a) { a in withUnsafeBytes(of: b) { b in a.elementsEqual(b) } }
    }

    /// Removes an entry and the folders that are empty without it.
    private static func remove(_ old: IndexEntries, _ entry: IndexEntries.Entry, _ root: Int32) throws(GitError) {
        var path = BytePath(Array(old.bytes[entry.path]))
        let flags = entry.mode == GIT_FILEMODE_COMMIT.rawValue ? AT_REMOVEDIR : 0
        guard withCName(path.bytes, { unlinkat(root, $0, flags) }) == 0 || errno == ENOENT else {
            throw .system("remove '\(path)'", errno: errno)
        }
        while !path.parent.isEmpty {
            path = path.parent
            guard withCName(path.bytes, { unlinkat(root, $0, AT_REMOVEDIR) }) == 0 else { return }
        }
    }
}
