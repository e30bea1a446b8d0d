package import Foundation

/// A registered Git repository.
package struct Repository: Sendable, Hashable, Codable {
    package enum Status: String, Sendable, Codable, CaseIterable {
        case active, unreachable, disabled
    }

    package var id: RepositoryID
    package var name: String
    /// The normalised URL, or the absolute path of a local repository; never holds a credential.
    package var url: String
    /// What makes two spellings the same repository: host/owner/name, case-folded on big forges, or `path:<real path>`.
    package var identity: String
    package var host: String
    package var owner: String
    package var defaultBranch: String?
    package var status: Status
    package var settings: RepositorySettings
    package var verifiedAt: Date?
    package var fetchedAt: Date?
    package var createdAt: Date

    package init(
        id: RepositoryID = .init(), name: String, url: String, identity: String, host: String, owner: String,
        defaultBranch: String? = nil, status: Status = .active, settings: RepositorySettings = .init(),
        verifiedAt: Date? = nil, fetchedAt: Date? = nil, createdAt: Date = .distantPast
    ) {
        self.id = id
        self.name = name
        self.url = url
        self.identity = identity
        self.host = host
        self.owner = owner
        self.defaultBranch = defaultBranch
        self.status = status
        self.settings = settings
        self.verifiedAt = verifiedAt
        self.fetchedAt = fetchedAt
        self.createdAt = createdAt
    }

    /// True for a repository registered by a path on this host.
    package var isLocal: Bool { originDirectory != nil }

    /// The Git directory that all worktrees of a local origin share; nil for a URL.
    package var originDirectory: String? {
        identity.hasPrefix("path:") ? String(identity.dropFirst("path:".count)) : nil
    }
}
