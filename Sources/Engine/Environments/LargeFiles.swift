import BlockingIO
import Foundation
import Git
import RunnerCore

/// Brings the contents that Git LFS keeps for a repository that asks for them into its clone, from which checkouts write
/// them, and gives those that tasks made to the origin.
///
/// The person's git-lfs runs in the clone alone, where nothing is obeyed that a repository or a step wrote.
struct LargeFiles: Sendable {
    let repositories: Repositories
    let repository: Repository

    /// No `.lfsconfig` is longer, in bytes.
    private static let sizeLimit = 1 << 16
    private static let configuration = ".lfsconfig"

    private var isWanted: Bool { repository.settings.lfs == true }
    private var hub: Hub { repositories.hub(of: repository) }

    /// Has all contents that a checkout of `commit` writes here when it returns; returns the files.
    ///
    /// For right before a checkout: it also says in the clone whether contents are wanted. Throws when git-lfs is missing,
    /// a content cannot be had or the server is refused: no step runs on half a tree.
    @discardableResult
    func fetch(_ commit: ObjectID, progress: @escaping ProgressHandler) async throws -> [LargeFile] {
        let (hub, isWanted) = (hub, isWanted)
        try await repositories.lane.run { try hub.fillLargeFiles(isWanted) }
        guard isWanted else { return [] }
        try requireProgram()
        let sparse = repository.settings.sparsePatterns
        let files = try await repositories.lane.run { try hub.largeFiles(in: commit, sparse: sparse) }
        let server = repository.isLocal ? nil : try await server(of: commit)
        guard try await !missing(of: files).isEmpty else { return files }
        let lock = try await RegistrationLock.take(in: repositories.home, identity: hub.largeFileStore.folder)
        defer { lock.release() }
        let missing = try await missing(of: files)
        guard !missing.isEmpty else { return files }
        progress(.fetching("fetching \(missing.count) large files of \(repository.name)"))
        var cause = "they are not in \(repository.url)"
        if let server {
            let result = try await run(["fetch", "origin", commit.hex], server, progress: progress)
            cause = Self.cause(result.messages) ?? "the server has not got them"
        } else {
            try await copy(missing)
        }
        let left = try await self.missing(of: files)
        if let first = left.first { throw unavailable(first, count: left.count, cause: cause) }
        return files
    }

    /// Gives the origin the contents that commits of `branch` need and its branches do not, before it gets the branch.
    ///
    /// `base` is where the task began: what a step wrote into `.lfsconfig` sends nothing elsewhere.
    func publish(_ branch: String, base: ObjectID?, progress: @escaping ProgressHandler) async throws {
        let hub = hub
        guard let tip = try await repositories.lane.run({ try hub.open().reference("refs/heads/\(branch)") }) else {
            return
        }
        if repository.isLocal { return try await give(tip) }
        let pointers = try await new(of: tip)
        guard !pointers.isEmpty else { return }
        try requireProgram()
        progress(.fetching("sending \(pointers.count) large files of \(repository.name)"))
        let server = try await server(of: base)
        let result = try await run(["push", "origin", "refs/heads/\(branch)"], server, progress: progress)
        guard result.status == 0 else {
            throw EngineError(
                .notPublished,
                "the large files of the branch \"\(branch)\" were not sent to \"\(repository.name)\": "
                    + (Self.cause(result.messages) ?? "git-lfs gave no reason"),
                hint: "check your credentials with: git lfs push")
        }
    }

    /// Gives a local origin what the commits up to `tip` need.
    func give(_ tip: ObjectID) async throws {
        let pointers = try await new(of: tip)
        guard !pointers.isEmpty else { return }
        let ((origin, storage), store) = (try await origin(), hub.largeFileStore)
        try await repositories.lane.run { try origin.takeLargeFiles(pointers, from: store, storage: storage) }
    }

    private func new(of tip: ObjectID) async throws -> Set<LargeFilePointer> {
        let hub = hub
        return try await repositories.lane.run { hub.largeFiles == nil ? [] : try hub.newLargeFiles(of: tip) }
    }

    private func missing(of files: [LargeFile]) async throws -> [LargeFile] {
        let store = hub.largeFileStore
        return try await repositories.lane.run { files.filter { !store.has($0.pointer) } }
    }

    private func requireProgram() throws {
        guard ProgramPath.find("git-lfs", on: repositories.settings.environment["PATH"]) == nil else { return }
        throw EngineError(
            .programMissing, "git-lfs is not on PATH, and \"\(repository.name)\" is to have its large files",
            hint: "install it (apt-get install git-lfs), or go without: runner repo update \(repository.name) --no-lfs")
    }

    /// A local origin and what its Git says about where its contents are.
    private func origin() async throws -> (LocalOrigin, storage: String?) {
        let origin = try await repositories.lane.run { [repository] in try Repositories.origin(of: repository) }
        let configured = try await GitCommand(transports: "none", environment: repositories.settings.environment)
            .run(["config", "--get", "lfs.storage"], in: origin.gitDirectory)
        return (origin, configured.standardOutput.trimmingCharacters(in: .newlines))
    }

    private func copy(_ files: [LargeFile]) async throws {
        let ((origin, storage), store) = (try await origin(), hub.largeFileStore)
        try await repositories.lane.run {
            let source = origin.largeFiles(storage: storage)
            for file in files { _ = try store.take(file.pointer, from: source) }
        }
    }

    /// The server of a remote repository: the one that its `.lfsconfig` names where the URL policy accepts that, else the
    /// origin's own.
    private func server(of commit: ObjectID?) async throws -> String {
        let hub = hub
        let text = try await repositories.lane.run { () -> [UInt8]? in
            guard let commit else { return nil }
            return try hub.open().file(Self.configuration, in: commit, limit: Self.sizeLimit)
        }
        guard let text else { return LargeFileServer.url(ofOrigin: repository.url) }
        // As git itself reads the file, without what it would include.
        let read = try await GitCommand(transports: "none", environment: repositories.settings.environment)
            .run(["config", "--file", "-", "--no-includes", "--list", "-z"], in: "/", input: text)
        guard read.status == 0 else { throw refused("\(Self.configuration) cannot be read: \(read.messages)") }
        guard let named = LargeFileServer.url(inConfiguration: read.standardOutput) else {
            return LargeFileServer.url(ofOrigin: repository.url)
        }
        let parts = LargeFileServer.parts(of: named)
        let verdict = repositories.policy.check(parts.repository)
        guard verdict.isAccepted, let url = verdict.normalized else {
            let reason = verdict.reason ?? .localDisabled
            throw refused("\(reason.explanation) (\(reason.rawValue))")
        }
        return url + parts.service
    }

    /// Runs git-lfs in the clone with nothing but `server` to go to, whatever a `.lfsconfig` says.
    private func run(
        _ arguments: [String], _ server: String, progress: @escaping ProgressHandler
    ) async throws -> GitCommand.Output {
        var place = repository
        place.url = LargeFileServer.parts(of: server).repository
        try await repositories.secureHub(repository)
        try await repositories.checkConnection(place)
        let pinned = [
            "remote.origin.url=\(repository.url)", "remote.origin.pushurl=\(repository.url)", "lfs.url=\(server)",
            "lfs.pushurl=\(server)", "lfs.storage=\(hub.largeFileStore.folder)", "lfs.fetchinclude=",
            "lfs.fetchexclude=", "lfs.allowincompletepush=false", "lfs.locksverify=false",
        ]
        return try await repositories.command(for: place)
            .run(pinned.flatMap { ["-c", $0] } + ["lfs"] + arguments, in: hub.path) { progress(.fetching($0)) }
    }

    /// What git-lfs says went wrong: its last line only says that something did.
    private static func cause(_ messages: String) -> String? {
        let lines = messages.split(separator: "\n").map(String.init)
        return lines.last { !$0.hasPrefix("error: failed to fetch") && !$0.hasPrefix("error: failed to push") }
    }

    private func unavailable(_ file: LargeFile, count: Int, cause: String) -> EngineError {
        let hint =
            repository.isLocal
            ? "run git lfs fetch in your checkout, whose contents are used"
            : "push them there, or check your credentials"
        let others = count > 1 ? " and \(count - 1) others" : ""
        return EngineError(
            .unreachableRepository,
            "the large file \"\(file.path)\"\(others) of \"\(repository.name)\" cannot be had: \(cause)",
            hint: "\(hint), or go without: runner repo update \(repository.name) --no-lfs")
    }

    private func refused(_ reason: String) -> EngineError {
        EngineError(
            .refusedURL,
            "the Git LFS server that \(Self.configuration) of \"\(repository.name)\" names is refused: \(reason)",
            hint: "correct it, or go without: runner repo update \(repository.name) --no-lfs")
    }
}
