/// Lets what comes after something that failed go on, and says at the end what the first failure was.
///
/// One damaged clone must not keep the rest of a disk from being tidied.
struct FailureLog {
    private(set) var first: (any Error)?

    /// Does it; its error is kept, but for a database that is away, without which nothing after it can be done either.
    mutating func note<R>(_ body: () async throws -> R) async throws -> R? {
        do {
            return try await body()
        } catch  where DatabaseAbsence.explains(error) || error is CancellationError {
            throw error
        } catch {
            first = first ?? error
            return nil
        }
    }

    func finish() throws {
        if let first { throw first }
    }
}
