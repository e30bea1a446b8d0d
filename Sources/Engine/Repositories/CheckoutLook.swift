import Git
import RunnerCore

/// A look at every file of a person's checkout, on a thread that gives way: whether it has changes that no commit holds.
package struct CheckoutLook: Sendable {
    private struct Found: Sendable {
        var path: String
        var commonDirectory: String
        var isDirty: Bool
    }

    private let found: Task<Found?, Never>

    /// Begins at once where `text` can only be a path: a processor is idle while the database is reached.
    ///
    /// Nil for what may be a name or a URL, which the database knows.
    package static func early(_ text: String) -> CheckoutLook? {
        guard RepositoryLocation.looksLikePath(text) else { return nil }
        return CheckoutLook {
            guard case .local(let typed) = try RepositoryLocation.read(text, policy: URLPolicy()) else { return nil }
            // A linked worktree or a subfolder was typed, perhaps; a repository is known by its main checkout.
            return try RepositoryLocation.read(typed.registeredPath, policy: URLPolicy())
        }
    }

    private init(_ location: @escaping @Sendable () throws -> RepositoryLocation?) {
        found = Task {
            try? await BackgroundThread.run(.polite) {
                guard case .local(let origin) = try location() else { return nil }
                return Found(
                    path: origin.registeredPath, commonDirectory: origin.commonDirectory,
                    isDirty: try origin.hasUncommittedChanges())
            }
        }
    }

    /// Whether the checkout of `repository` has such changes; false where it has none, or there is none that can be read.
    ///
    /// What `early` found is the answer where that look was at this checkout.
    static func isDirty(_ repository: Repository, early: CheckoutLook?) async -> Bool {
        guard repository.isLocal else { return false }
        if let found = await early?.found.value, found.path == repository.url,
            found.commonDirectory == repository.originDirectory
        {
            return found.isDirty
        }
        let look = CheckoutLook { .local(try Repositories.origin(of: repository)) }
        return await look.found.value?.isDirty ?? false
    }
}
