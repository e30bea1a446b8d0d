import Agents
import Engine
import Git
import Postgres
import RunnerCore
import Store

/// An error as a person sees it: one sentence, perhaps what to do, and the exit status. The only place that maps.
struct Failure {
    let status: ExitStatus
    let message: String
    let hint: String?

    /// Nil for errors that ArgumentParser reports itself.
    init?(_ error: any Error) {
        switch error {
        case let error as EngineError: self.init(error)
        case let error as WorkflowErrors: self.init(.refused, error.description)
        case let error as StoreError: self.init(.refused, error.description)
        case let error as AgentsError: self.init(.refused, error.description)
        case let error as PostgresError: self.init(error)
        case let error as ClusterError: self.init(.environment, error.description)
        case let error as GitError:
            self.init(
                .environment, error.description,
                hint: error.code == .diskFull ? "free some disk space and run the command again" : nil)
        case is CancellationError: self.init(.cancelled, "cancelled")
        default: return nil
        }
    }

    private init(_ status: ExitStatus, _ message: String, hint: String? = nil) {
        self.status = status
        self.message = Redaction.redactCredentials(in: message)
        self.hint = hint
    }

    private init(_ error: EngineError) {
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
        self.init(status, error.message, hint: error.hint)
    }

    private init(_ error: PostgresError) {
        if error.code == .diskFull {
            self.init(.environment, error.description, hint: "free some disk space and run the command again")
        } else {
            self.init(.environment, error.description)
        }
    }
}
