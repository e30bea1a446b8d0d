import RunnerCore
import Testing

@testable import Engine

@Suite struct RepositoryChangeTests {
    private static let repository = Repository(
        name: "one", url: "https://example.org/a/one", identity: "example.org/a/one", host: "example.org", owner: "a",
        defaultBranch: "main",
        settings: RepositorySettings(workflow: "default", agent: "claude", publish: .branch, retentionDays: 30))

    @Test("nothing asked changes nothing")
    func nothing() {
        #expect(RepositoryChange().applied(to: Self.repository) == Self.repository)
    }

    @Test("each value asked for is set, and nothing else")
    func values() {
        var expected = Self.repository
        expected.name = "two"
        #expect(RepositoryChange(name: "two").applied(to: Self.repository) == expected)
        expected = Self.repository
        expected.settings.branch = "trunk"
        #expect(RepositoryChange(defaultBranch: "trunk").applied(to: Self.repository) == expected)
        expected = Self.repository
        expected.settings = RepositorySettings(workflow: "w", agent: "command", publish: .never, retentionDays: 0.5)
        let change = RepositoryChange(workflow: "w", agent: "command", publish: .never, retentionDays: 0.5)
        #expect(change.applied(to: Self.repository) == expected)
    }

    @Test("an empty text clears what can be absent; a name cannot")
    func clearing() {
        var expected = Self.repository
        expected.settings = RepositorySettings(publish: .branch)
        let change = RepositoryChange(
            name: "", defaultBranch: "", workflow: "", agent: "", retentionDays: .some(nil))
        let pinned = RepositoryChange(defaultBranch: "trunk").applied(to: Self.repository)
        #expect(change.applied(to: pinned) == expected)
    }
}
