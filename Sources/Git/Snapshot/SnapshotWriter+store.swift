import CLibgit2
import Dispatch
import Synchronization

extension SnapshotWriter {
    /// How many paths a thread takes at once: neighbours, which share their directory.
    private static let share = 64

    /// Stores the content of every entry and puts it into the tree.
    ///
    /// `facts` gets what each file was right before it was read.
    func store(_ entries: [SnapshotEntry], beneath root: DirectoryHandle) throws(GitError) -> [SnapshotEntry] {
        var stored = entries
        var facts = [FileFacts?](repeating: nil, count: stored.count)
        var (together, alone): ([Int], [Int]) = ([], [])
        var firstOfGroup: [Int: Int] = [:]
        for position in stored.indices {
            let entry = stored[position]
            guard entry.class != .unsaved, entry.kind == .file || entry.kind == .symlink else { continue }
            if entry.linkGroup > 0, firstOfGroup[entry.linkGroup] != nil { continue }
            if entry.linkGroup > 0 { firstOfGroup[entry.linkGroup] = position }
            // Large files are streamed, and only one can be at a time.
            if entry.size > SnapshotObjects.largeSize { alone.append(position) } else { together.append(position) }
        }
        try storeTogether(together, of: &stored, &facts, beneath: root)
        try with(ContentWorker(objects, beneath: root)) { (worker) throws(GitError) in
            for position in alone { facts[position] = try worker.store(&stored[position]) }
            for position in stored.indices where stored[position].linkGroup > 0 {
                guard let first = firstOfGroup[stored[position].linkGroup], first != position else { continue }
                guard stored[first].blob == nil else {
                    stored[position].blob = stored[first].blob
                    facts[position] = facts[first]
                    continue
                }
                guard stored[position].class != .unsaved else { continue }
                facts[position] = try worker.store(&stored[position])
            }
        }
        for position in stored.indices {
            guard let blob = stored[position].blob else { continue }
            if let facts = facts[position] {
                readFacts[stored[position].area, default: [:]][stored[position].path] = facts
            }
            insert(stored[position], blob)
            saved.files += 1
            // What is read has blocks, but for holes, which cost nothing and have any size.
            let (sum, isTooLarge) = saved.bytes.addingReportingOverflow(stored[position].size)
            saved.bytes = isTooLarge ? .max : sum
        }
        return stored
    }

    /// Two threads, for reading, hashing and writing keep one busy at a time each.
    private func storeTogether(
        _ positions: [Int], of stored: inout [SnapshotEntry], _ facts: inout [FileFacts?], beneath root: DirectoryHandle
    ) throws(GitError) {
        let threads = positions.count > Self.share ? 2 : 1
        let next = Atomic(0)
        let failure = Mutex<GitError?>(nil)
        var made: [ContentWorker] = []
        for _ in 0..<threads { made.append(try ContentWorker(objects, beneath: root)) }
        stored.withUnsafeMutableBufferPointer { stored in
            facts.withUnsafeMutableBufferPointer { facts in
                // Sound: every position and every worker is used by one thread alone, and all end with this call.
                nonisolated(unsafe) let (stored, facts, workers) = (stored, facts, made)
                DispatchQueue.concurrentPerform(iterations: threads) { number in
                    let worker = workers[number]
                    do throws(GitError) {
                        while failure.withLock({ $0 == nil }) {
                            let start = next.wrappingAdd(Self.share, ordering: .relaxed).oldValue
                            guard start < positions.count else { break }
                            for position in positions[start..<min(start + Self.share, positions.count)] {
                                facts[position] = try worker.store(&stored[position])
                            }
                        }
                        try worker.sink.flush()
                    } catch {
                        failure.withLock { $0 = $0 ?? error }
                    }
                }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        made.forEach(take)
    }

    private func with(
        _ worker: ContentWorker, _ body: (ContentWorker) throws(GitError) -> Void
    ) throws(GitError) {
        try body(worker)
        try worker.sink.flush()
        take(worker)
    }

    private func take(_ worker: ContentWorker) {
        candidates.formUnion(worker.candidates)
        losses.formUnion(worker.losses)
    }

    /// The stash is shared by all worktrees of a hub, and its older entries live in its log alone.
    func storeCommon() throws(GitError) -> [SnapshotEntry] {
        let cursor = DirectoryCursor(root: try DirectoryHandle.open(request.worktree.hub.path))
        let path = BytePath("logs/refs/stash")
        do throws(GitError) {
            try cursor.seek(path.parent.components)
        } catch  where error.code == .notFound {
            return []
        }
        guard let facts = try cursor.current.facts(of: path.name), facts.kind == .file else { return [] }
        return try store(
            [SnapshotEntry(area: .common, class: .odd, path: path, facts: facts)],
            beneath: DirectoryHandle.open(request.worktree.hub.path))
    }

    /// Gives a stored content its place in the tree.
    private func insert(_ entry: SnapshotEntry, _ blob: ObjectID) {
        let mode = entry.kind == .symlink ? "120000" : entry.permissions & 0o100 != 0 ? "100755" : "100644"
        guard TreeName.isPlain(entry.path) else {
            oddCount += 1
            // A name of our own: a link's target must not be taken for a link by whoever reads the tree.
            root("odd").insert(String(oddCount), id: blob)
            return
        }
        let folder =
            switch entry.area {
            case .worktree: entry.class == .ignored ? "ignored" : "worktree"
            case .gitdir: "gitdir"
            case .common: "common"
            }
        root(folder).insert(entry.path.components, mode: mode, id: blob)
    }

    func root(_ name: String) -> TreeNode {
        if let node = roots[name] { return node }
        let node = TreeNode()
        roots[name] = node
        return node
    }
}
