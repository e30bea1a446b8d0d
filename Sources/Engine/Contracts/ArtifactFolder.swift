import CPlatform
import Glibc
import RunnerCore

/// Reads what a step hands over: by descriptor, regular files only, without following a link anywhere.
struct ArtifactFolder: Sendable {
    struct File: Sendable {
        let name: String
        let bytes: [UInt8]
    }

    /// What was read, and what could not be handed over, one sentence each.
    struct Contents: Sendable {
        var files: [File] = []
        var problems: [String] = []
        /// What was left aside, and fails nothing: one sentence each.
        var remarks: [String] = []
        var bytesLeft = ArtifactFolder.attemptLimit
    }

    /// Bytes of one artifact.
    static let fileLimit = 64 << 20
    /// Bytes of all artifacts of one attempt.
    static let attemptLimit = 128 << 20
    /// Artifacts of one attempt.
    static let countLimit = 100

    /// `$RUNNER_ARTIFACTS`; nil where there is none.
    let folder: String?
    let worktree: String

    /// The files in the folder and those of the worktree that were declared, by name. Blocks.
    func read(declared: [String: String]) -> Contents {
        var contents = Contents()
        for (name, path) in declared.sorted(by: { $0.key < $1.key }) {
            add(name, worktree, path, "\"\(path)\"", &contents)
        }
        guard let folder, let all = names(in: folder) else { return contents }
        // Programs leave such files beside what they were asked for.
        let hidden = all.filter { $0.hasPrefix(".") }
        if !hidden.isEmpty {
            let shown = hidden.prefix(3).map { "\"\(Self.printable($0))\"" }.joined(separator: ", ")
            let rest = hidden.count > 3 ? " and \(hidden.count - 3) more" : ""
            contents.remarks.append(
                "hidden files in RUNNER_ARTIFACTS are no artifacts: \(shown)\(rest); to keep one, give it another name")
        }
        let names = all.filter { !$0.hasPrefix(".") }
        if names.count + declared.count > Self.countLimit {
            contents.problems.append(
                "it hands over \(names.count + declared.count) artifacts: the limit is \(Self.countLimit)")
        }
        for name in names.prefix(max(0, Self.countLimit - declared.count)) {
            guard declared[name] == nil else {
                contents.problems.append("the artifact \"\(name)\" is declared and in RUNNER_ARTIFACTS too")
                continue
            }
            if let problem = ArtifactName.problem(with: name) {
                contents.problems.append("\"\(Self.printable(name))\" is no name for an artifact: \(problem)")
            } else {
                add(name, folder, name, "it", &contents)
            }
        }
        return contents
    }

    private func add(_ name: String, _ root: String, _ path: String, _ what: String, _ contents: inout Contents) {
        func refuse(_ reason: String) { contents.problems.append("the artifact \"\(name)\": \(reason)") }
        guard let descriptor = Self.open(path, in: root) else {
            return refuse("\(what) \(errno == ENOENT ? "is not there" : "is no file that can be read without a link")")
        }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            return refuse("\(what) is no regular file")
        }
        let limit = min(Self.fileLimit, contents.bytesLeft)
        guard Int(facts.st_size) <= limit, let bytes = Self.bytes(descriptor, limit: limit) else {
            let isWhole = Int(facts.st_size) > Self.fileLimit
            return refuse(
                isWhole
                    ? "\(what) has \(facts.st_size) bytes: the limit is \(Self.fileLimit)"
                    : "all artifacts of an attempt together may have \(Self.attemptLimit) bytes")
        }
        contents.bytesLeft -= bytes.count
        contents.files.append(File(name: name, bytes: bytes))
    }

    /// Opens a path component by component, so that no link leads outside; the caller closes it.
    private static func open(_ path: String, in root: String) -> CInt? {
        var current = runner_open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0)
        guard current >= 0 else { return nil }
        let parts = path.pathParts.filter { !$0.isEmpty }
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (isLast ? 0 : O_DIRECTORY)
            let next = runner_openat(current, part, flags, 0)
            let reason = errno
            close(current)
            guard next >= 0 else {
                errno = reason
                return nil
            }
            current = next
        }
        return current
    }

    /// Everything up to the end; nil when there are more than `limit` bytes or they cannot be read.
    private static func bytes(_ descriptor: CInt, limit: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0, bytes.count + count <= limit else { return nil }
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
    }

    /// The names in the folder, sorted; nil when the step made something else of it.
    private func names(in folder: String) -> [String]? {
        let descriptor = runner_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0)
        guard descriptor >= 0 else { return nil }
        guard let directory = fdopendir(descriptor) else {
            close(descriptor)
            return nil
        }
        defer { closedir(directory) }
        var names: [String] = []
        while names.count < 10_000, let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func printable(_ name: String) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.prefix(60).filter { $0.value >= 32 }))
    }
}
