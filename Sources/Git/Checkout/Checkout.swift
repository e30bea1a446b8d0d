import CLibgit2
import CPlatform
import Dispatch
import Glibc
import Synchronization

/// Writes the files of a commit into a fresh directory, and the index that describes them.
///
/// Ours, because libgit2's checkout takes two to three times as long as `git worktree add` (docs/decisions/0019).
/// Folders are made first, files by descriptor beneath them and never through anything that is there already, the
/// index once at the end, with facts that let the first `git status` read no file.
struct Checkout {
    let worktree: any CheckoutTarget
    let commit: ObjectID
    var sparse: SparsePatterns?
    var threads = Checkout.defaultThreads
    /// False only in tests that show what the check of names keeps out.
    var protects = true

    /// More threads than these wait for the file system's journal.
    static let defaultThreads = max(1, min(4, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    /// Entries that a thread takes at a time.
    private static let share = 64

    /// Blocks until all is written; after an error the directory holds a part and there is no index.
    func run() throws(GitError) -> CheckoutReport {
        let repository = try worktree.open()
        let plan = try CheckoutPlan(repository, commit: commit, sparse: sparse, protects: protects)
        let root = runner_open(worktree.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard root >= 0 else { throw .system("open the directory '\(worktree.path)'", errno: errno) }
        defer { close(root) }
        try makeFolders(plan, root)
        // The hub's own attributes file, which a person may have written, reaches every path.
        let hasOwn = access(worktree.hub.path + "/info/attributes", F_OK) == 0
        let stamps = CheckoutStamps(count: plan.entries.count, honoursAllAttributes: hasOwn)
        let report = try writeFiles(plan, root, stamps)
        try writeIndex(plan, root, stamps)
        return report
    }

    func makeFolders(_ plan: CheckoutPlan, _ root: Int32, onlyMissing: Bool = false) throws(GitError) {
        for folder in plan.folders.dropFirst() where folder.isNeeded {
            guard plan.withPath(at: folder.path, { mkdirat(root, $0, 0o777) }) != 0 else { continue }
            let (number, path) = (errno, plan.text(at: folder.path))
            if number == EEXIST, onlyMissing { continue }
            guard number == EEXIST else { throw .system("make the folder '\(path)'", errno: number) }
            throw GitError(
                code: .invalidName, operation: "make the folder '\(path)'",
                message: "the tree or the file system has another entry of this name")
        }
    }

    /// Each thread goes through a stretch of its own, so that two rarely write into one folder; who is done helps.
    func writeFiles(_ plan: CheckoutPlan, _ root: Int32, _ stamps: CheckoutStamps) throws(GitError)
        -> CheckoutReport
    {
        let shares = (plan.entries.count + Self.share - 1) / Self.share
        let count = max(1, min(threads, shares))
        let queue = Mutex(WorkQueue(shares: shares, workers: count))
        let result = Mutex<Result<CheckoutReport, GitError>>(.success(CheckoutReport()))
        let attributesMatter = stamps.honoursAllAttributes || plan.folders.contains(where: \.hasAttributes)
        let time = Self.settledTime()
        let largeFiles = worktree.hub.filledLargeFiles
        let packs = PackFile.all(in: try worktree.open().commonDirectory + "/objects")
        DispatchQueue.concurrentPerform(iterations: count) { worker in
            do throws(GitError) {
                let repository = try worktree.open()
                var writer = try CheckoutWriter(
                    repository, plan: plan, root: root, stamps: stamps, time: time, attributesMatter: attributesMatter,
                    largeFiles: largeFiles, packs: packs)
                while let share = queue.withLock({ $0.next(for: worker) }) {
                    let start = share * Self.share
                    try writer.write(start..<min(start + Self.share, plan.entries.count))
                }
                let report = writer.report
                result.withLock { $0 = $0.map { $0.union(report) } }
            } catch {
                queue.withLock { $0.stop() }
                result.withLock { if case .success = $0 { $0 = .failure(error) } }
            }
        }
        return try result.withLock { $0 }.get()
    }

    /// The time that files get: a full second before the index.
    ///
    /// `git` reads every file again that is not older than the index, and its common builds look at seconds alone. A
    /// change that comes right after the checkout is seen too: it brings another second.
    static func settledTime() -> timespec {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return timespec(tv_sec: now.tv_sec - 1, tv_nsec: 0)
    }

    /// Writes the index, which says of each folder too what is in it; the folders are settled meanwhile.
    func writeIndex(_ plan: CheckoutPlan, _ root: Int32, _ stamps: CheckoutStamps) throws(GitError) {
        let index = Mutex<IndexFile?>(nil)
        let folders = Mutex<[FileStamp]>([])
        let isListed =
            plan.isRegular && !plan.entries.contains(where: \.isSkipped) && UntrackedCache.isTrustworthy(root)
        let workers = min(threads, 2)
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            if worker == 0 {
                let made = IndexFile(plan, stamps: stamps)
                index.withLock { $0 = made }
            }
            if worker == workers - 1, isListed {
                let settled = Self.settle(plan, root)
                folders.withLock { $0 = settled }
            }
        }
        guard var made = index.withLock({ $0.take() }) else { preconditionFailure("the first worker makes an index") }
        let settled = folders.withLock { $0 }
        if settled.count == plan.folders.count {
            let untracked = UntrackedCache(folders: settled, path: worktree.path, hub: worktree.hub)
            made.append(UntrackedCache.signature, untracked.bytes(plan))
        }
        try Directory.write(made.finished(), to: worktree.adminPath + "/index")
    }

    /// Gives the folders, in which nothing is made any more, a time as files have it, and returns their stamps; fewer when
    /// one cannot be had.
    private static func settle(_ plan: CheckoutPlan, _ root: Int32) -> [FileStamp] {
        let time = settledTime()
        var stamps: [FileStamp] = []
        stamps.reserveCapacity(plan.folders.count)
        for (number, folder) in plan.folders.enumerated() {
            var status = stat()
            let isKnown =
                number == 0
                ? futimens(root, [time, time]) == 0 && fstat(root, &status) == 0
                : plan.withPath(at: folder.path) {
                    utimensat(root, $0, [time, time], AT_SYMLINK_NOFOLLOW) == 0
                        && fstatat(root, $0, &status, AT_SYMLINK_NOFOLLOW) == 0
                }
            guard isKnown else { break }
            stamps.append(FileStamp(status))
        }
        return stamps
    }
}
