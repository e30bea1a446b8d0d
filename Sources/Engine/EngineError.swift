/// What can go wrong above Git and Postgres, as one sentence for a person.
package struct EngineError: Error, CustomStringConvertible, Sendable {
    /// The reasons a caller tells apart; RunnerCLI maps each to an exit status.
    package enum Code: String, Sendable {
        case invalidArgument
        case notARepository, unreachableRepository, refusedURL
        case noSuchBase, emptyRepository
        case unknownWorkflow, invalidWorkflow
        case unknownAgent, agentMissing
        case emptyTask
        case wrongState
        case doesNotApply
        case notPublished
        case notRemoved
        case homeUnusable, storageUnavailable, diskFull, programMissing
        case shimMissing
        case internalFault
    }

    package let code: Code
    package let message: String
    /// What the user can do, as an imperative sentence.
    package let hint: String?

    package init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package var description: String {
        hint.map { "\(message); \($0)" } ?? message
    }
}
