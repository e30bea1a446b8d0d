import Foundation
import RunnerCore
import Testing

@testable import Engine

@Suite struct CheckoutLookTests {
    /// A checkout with one committed file, and its row.
    private static func checkout(_ folder: ScratchFolder, _ name: String) async throws -> (String, Repository) {
        let path = "\(folder.path)/\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let git = GitCommand(transports: "none", environment: ProcessInfo.processInfo.environment)
        _ = try await git.run(["init", "-q", "."], in: path)
        try Data("one\n".utf8).write(to: URL(filePath: path + "/file"))
        _ = try await git.run(["add", "file"], in: path)
        _ = try await git.run(
            ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "one"], in: path)
        return (path, try RepositoryLocation.read(path, policy: URLPolicy()).record(name: name))
    }

    @Test("a look that began early says of its checkout what one at the repository says")
    func early() async throws {
        try await ScratchFolder.with { folder in
            let (path, repository) = try await Self.checkout(folder, "project")
            let clean = try #require(CheckoutLook.early(path))
            #expect(await !CheckoutLook.isDirty(repository, early: clean))
            try FileManager.default.createDirectory(atPath: path + "/inside", withIntermediateDirectories: false)
            try Data("two\n".utf8).write(to: URL(filePath: path + "/inside/new"))
            #expect(await CheckoutLook.isDirty(repository, early: nil))
            for place in [path, path + "/inside"] {
                let look = try #require(CheckoutLook.early(place))
                #expect(await CheckoutLook.isDirty(repository, early: look))
            }
        }
    }

    @Test("a look at one checkout says nothing of another")
    func another() async throws {
        try await ScratchFolder.with { folder in
            let (path, repository) = try await Self.checkout(folder, "dirty")
            let (_, other) = try await Self.checkout(folder, "clean")
            try Data("two\n".utf8).write(to: URL(filePath: path + "/new"))
            let look = try #require(CheckoutLook.early(path))
            // What the look found, and would say of any repository if it did not ask which one is meant.
            #expect(await CheckoutLook.isDirty(repository, early: look))
            #expect(await !CheckoutLook.isDirty(other, early: look))
        }
    }

    @Test("names and URLs are left to the database", arguments: ["project", "https://example.org/a/b", "a:b"])
    func names(text: String) {
        #expect(CheckoutLook.early(text) == nil)
    }
}
