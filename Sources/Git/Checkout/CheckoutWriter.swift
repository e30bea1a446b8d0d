import CLibgit2
import CPlatform
import Glibc

/// Writes a share of a plan's files; each thread has one of its own, with its own open repository.
struct CheckoutWriter: ~Copyable {
    private let plan: CheckoutPlan
    private var blobs: BlobReader
    private let attributes: CheckoutAttributes?
    private let root: Int32
    private let stamps: CheckoutStamps
    private let time: timespec
    /// Where contents come from that the repository has only pointers to; nil: pointers are written.
    private let largeFiles: LargeFileStore?
    /// The folder whose descriptor is open, and that descriptor.
    private var folder = 0
    private var descriptor: Int32
    private(set) var report = CheckoutReport()

    /// `time`: of every file and link; `attributesMatter`: look every path's attributes up where a `.gitattributes` can
    /// reach it.
    init(
        _ repository: borrowing GitRepository, plan: CheckoutPlan, root: Int32, stamps: CheckoutStamps,
        time: timespec, attributesMatter: Bool, largeFiles: LargeFileStore?, packs: [PackFile]
    ) throws(GitError) {
        let attributes = attributesMatter ? try CheckoutAttributes(repository, plan: plan) : nil
        // What throws comes first: a half-made value of this kind cannot be given up.
        blobs = try BlobReader(repository, packs: packs)
        self.plan = plan
        self.attributes = attributes
        self.root = root
        self.stamps = stamps
        self.time = time
        self.largeFiles = largeFiles
        descriptor = root
    }

    deinit {
        if descriptor != root { close(descriptor) }
    }

    /// Makes the entries of `range`; throws at the first that cannot be made.
    mutating func write(_ range: Range<Int>) throws(GitError) {
        for number in range {
            let entry = plan.entries[number]
            if entry.isSkipped || entry.isKept { continue }
            try enter(entry.folder)
            try write(entry, number)
        }
    }

    private mutating func enter(_ wanted: Int) throws(GitError) {
        guard wanted != folder else { return }
        let opened =
            wanted == 0
            ? root : plan.withPath(at: plan.folders[wanted].path) { runner_open_beneath(root, $0) }
        guard opened >= 0 else {
            throw .system("open the folder '\(plan.text(at: plan.folders[wanted].path))'", errno: errno)
        }
        if descriptor != root { close(descriptor) }
        (descriptor, folder) = (opened, wanted)
    }

    private mutating func write(_ entry: CheckoutPlan.Entry, _ number: Int) throws(GitError) {
        switch entry.mode {
        case GIT_FILEMODE_COMMIT.rawValue: try makeSubmodule(entry)
        case GIT_FILEMODE_LINK.rawValue: try makeLink(entry, number)
        default: try makeFile(entry, number)
        }
    }

    private func makeSubmodule(_ entry: CheckoutPlan.Entry) throws(GitError) {
        guard withName(entry, { mkdirat(descriptor, $0, 0o777) }) == 0 else { throw failed(entry) }
    }

    private mutating func makeLink(_ entry: CheckoutPlan.Entry, _ number: Int) throws(GitError) {
        let target = try blobs.read(entry.id) { (content) throws(GitError) in content.prefix { $0 != 0 } + [] }
        let made = withCName(target) { target in withName(entry) { symlinkat(target, descriptor, $0) } }
        guard made == 0 else { throw failed(entry) }
        // Without it the first status is slower, and nothing else.
        _ = withName(entry) { utimensat(descriptor, $0, [time, time], AT_SYMLINK_NOFOLLOW) }
        var status = stat()
        guard withName(entry, { fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw failed(entry)
        }
        stamps[number] = FileStamp(status)
    }

    private mutating func makeFile(_ entry: CheckoutPlan.Entry, _ number: Int) throws(GitError) {
        let conversion = try conversion(of: entry)
        let isExecutable = entry.mode == GIT_FILEMODE_BLOB_EXECUTABLE.rawValue
        let file = withName(entry) {
            // Exclusive: nothing that is there, no link above all, is ever written through.
            runner_openat(
                descriptor, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, isExecutable ? 0o777 : 0o666)
        }
        guard file >= 0 else { throw failed(entry) }
        defer { close(file) }
        let id = entry.id
        let largeFiles = conversion?.isLarge == true ? largeFiles : nil
        var isFiltered = conversion?.filter == nil
        let failure = try blobs.read(id) { (content) throws(GitError) -> Int32 in
            if let largeFiles {
                let pointer = LargeFilePointer(content)
                isFiltered =
                    try pointer.map { (pointer) throws(GitError) in
                        try largeFiles.pour(pointer, into: file)
                    } ?? true
                if pointer != nil, isFiltered { return 0 }
            }
            guard let conversion, !conversion.isIdentity, let changed = conversion.apply(content, id: id) else {
                return Directory.writeAll(content, to: file)
            }
            return changed.withUnsafeBytes { Directory.writeAll($0, to: file) }
        }
        if !isFiltered, let filter = conversion?.filter {
            report.unfiltered[filter, default: []].append(plan.pathBytes(entry))
        }
        if failure == 0 { _ = futimens(file, [time, time]) }
        var status = stat()
        if failure != 0 { errno = failure }
        guard failure == 0, fstat(file, &status) == 0 else { throw failed(entry) }
        stamps[number] = FileStamp(status)
    }

    private func conversion(of entry: CheckoutPlan.Entry) throws(GitError) -> ContentConversion? {
        guard let attributes, stamps.honoursAllAttributes || plan.folders[entry.folder].hasAttributes else {
            return nil
        }
        return try plan.withPath(at: entry.path) { path in
            Result { () throws(GitError) in try attributes.conversion(path) }
        }.get()
    }

    private func withName<R>(_ entry: CheckoutPlan.Entry, _ body: (UnsafePointer<CChar>) -> R) -> R {
        plan.withPath(at: entry.path + entry.pathLength - entry.nameLength, body)
    }

    private func failed(_ entry: CheckoutPlan.Entry) -> GitError {
        let number = errno
        let path = plan.text(at: entry.path)
        guard number == EEXIST else { return .system("make '\(path)'", errno: number) }
        return GitError(
            code: .invalidName, operation: "make '\(path)'",
            message: "the tree or the file system has another entry of this name")
    }
}
