import Agents
import Engine
import Git
import Glibc
import Postgres
import RunnerCore
import Store

/// An error as a person sees it: one sentence, perhaps what to do, and the exit status. The only place that maps.
struct Failure {
    /// What to do on a full disk, before "and" what comes then: one can lack inodes while it has room.
    private static var freeing: String {
        guard let root = try? Session.settings().home.root, DiskSpace.lacksFiles(root) else {
            return "free some disk space"
        }
        return "delete some files, of which the disk takes no more (df -i \(root)),"
    }

    static var fullDiskHint: String { "\(freeing) and run the command again" }

    let status: ExitStatus
    let message: String
    let hint: String?

    /// Nil for errors that ArgumentParser reports itself.
    init?(_ error: any Error) {
        switch error {
        case let error as TaskFailure:
            guard let failure = Failure(error.underlying) else { return nil }
            self = failure.afterStart(of: error.task)
        case let error as EngineError: self.init(engine: error)
        case let error as StoreError: self.init(store: error)
        case let error as PostgresError: self.init(postgres: error)
        case let error as ClusterError: self.init(cluster: error)
        case let error as GitError:
            self.init(.environment, error.description, hint: Failure.hint(for: error))
        case is CancellationError: self.init(.cancelled, "cancelled; see runner list")
        default:
            if let text = Failure.refusal(error) {
                self.init(.refused, text)
            } else if let failure = Failure.system(error) {
                self = failure
            } else {
                let name = String(reflecting: type(of: error))
                if name.hasPrefix("ArgumentParser.") { return nil }
                self.init(.internalFault, "a fault of runner: \(name)")
            }
        }
    }

    init(_ status: ExitStatus, _ message: String, hint: String? = nil) {
        self.status = status
        self.message = Redaction.redactCredentials(in: message)
        self.hint = hint.map { Redaction.redactCredentials(in: $0) }
    }

    /// Git's own errors say what failed, not what to do about it.
    private static func hint(for error: GitError) -> String? {
        if error.code == .diskFull { return fullDiskHint }
        if error.code == .shortage { return openFilesHint(in: error.message) }
        if error.message.contains("could not find repository from") {
            return
                "the runner's clone is damaged, perhaps by a step: runner repo verify mends it with what the origin has"
        }
        let lacks = ["object not found - no match for id", "invalid object specified"]
        guard lacks.contains(where: { error.message.contains($0) }) else { return nil }
        return
            "the runner's clone lacks it, perhaps because a step deleted it: runner repo verify brings back what the "
            + "origin has, and a task whose own commits are gone is to be started anew"
    }

    /// Of a shortage Git's errors keep the system's words, not its number.
    private static func openFilesHint(in message: String) -> String? {
        [EMFILE, ENFILE].first { message.contains(String(cString: strerror($0))) }.flatMap(EngineError.openFilesHint)
    }

    /// The sentence of an error that says what is wrong in what a person gave.
    private static func refusal(_ error: any Error) -> String? {
        switch error {
        case let error as WorkflowErrors: error.description
        case let error as WorkflowError: error.description
        case let error as WorkflowInputError: error.description
        case let error as TemplateError: error.description
        case let error as StepOutputError: error.description
        case let error as RestartError: error.description
        case let error as URLRefusal: error.explanation
        case let error as AgentsError: error.description
        case let error as BatchFileError: error.description
        default: nil
        }
    }

    private init(engine error: EngineError) {
        let status: ExitStatus =
            switch error.code {
            case .invalidArgument, .emptyTask: .usage
            case .notARepository, .unreachableRepository, .refusedURL, .noSuchBase, .emptyRepository,
                .unknownWorkflow, .invalidWorkflow, .unknownAgent, .wrongState, .doesNotApply, .notPublished,
                .notRemoved:
                .refused
            case .agentMissing, .homeUnusable, .storageUnavailable, .diskFull, .programMissing, .shimMissing:
                .environment
            case .internalFault: .internalFault
            }
        self.init(status, error.message, hint: error.hint ?? (error.code == .diskFull ? Failure.fullDiskHint : nil))
    }

    /// The same failure of a command whose task exists: it says how to go on with that task.
    private func afterStart(of task: String) -> Failure {
        let retry = "runner retry \(task)"
        switch status {
        case .environment, .internalFault: break
        case .cancelled:
            return Failure(.cancelled, "task \(task) was cancelled; its work is kept", hint: "go on: \(retry)")
        default: return self
        }
        guard let hint else { return Failure(status, message, hint: "see: runner show \(task)   go on: \(retry)") }
        if hint == Failure.fullDiskHint {
            return Failure(status, message, hint: "\(Failure.freeing) and go on: \(retry)")
        }
        let named = hint.replacing("runner retry", with: retry)
        return Failure(status, message, hint: named == hint ? "\(hint); then go on: \(retry)" : named)
    }
}
