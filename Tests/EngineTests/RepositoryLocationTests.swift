import Foundation
import Git
import RunnerCore
import Testing

@testable import Engine

@Suite struct RepositoryLocationTests {
    private static func read(_ text: String, _ policy: URLPolicy = URLPolicy()) throws -> RepositoryLocation {
        try RepositoryLocation.read(text, policy: policy)
    }

    private static func refusal(_ text: String, _ policy: URLPolicy = URLPolicy()) -> EngineError? {
        do {
            _ = try read(text, policy)
            return nil
        } catch {
            return error as? EngineError
        }
    }

    /// A repository without a commit, made by the runner's own means.
    private static func repository(_ folder: ScratchFolder, _ name: String) throws -> String {
        _ = try Hub.create(at: "\(folder.path)/\(name)")
        return "\(folder.path)/\(name)"
    }

    @Test(
        "spellings of one URL have one identity and a name",
        arguments: [
            "https://github.com/Apple/Swift", "https://github.com/apple/swift.git", "git@github.com:apple/swift.git",
            "ssh://git@github.com/apple/swift",
        ])
    func urls(text: String) throws {
        let location = try Self.read(text)
        #expect(location.identity == "github.com/apple/swift")
        #expect(location.suggestedName.lowercased() == "swift")
        let record = location.record(name: "x")
        #expect(record.host == "github.com" && record.owner.lowercased() == "apple" && !record.isLocal)
        #expect(try Self.read(record.url).identity == record.identity)
    }

    @Test(
        "what the policy refuses is refused, with its reason and without the secret",
        arguments: [
            ("https://user:hunter2secret@github.com/a/b", "credentials"), ("file:///etc", "local-disabled"),
            ("http://github.com/a/b", "insecure-scheme"), ("https://127.0.0.1/a/b", "private"),
            ("https://169.254.169.254/a/b", "metadata"), ("ext::sh -c id", ""), ("--upload-pack=id", ""),
            ("-oProxyCommand=id:a/b", ""), ("https://github.com/a/../b", "dot-segment"), ("", "empty"), ("   ", ""),
        ])
    func refused(text: String, word: String) throws {
        let error = try #require(Self.refusal(text))
        #expect(error.code == .refusedURL)
        #expect(word.isEmpty || error.message.contains(word), "\(error.message)")
        #expect(!error.description.contains("hunter2secret"))
    }

    @Test(
        "what is neither a URL nor there is told as that, for a relative path would do",
        arguments: ["no-such-folder-here", "no/such/folder", "github.com/a/b"])
    func missing(text: String) throws {
        let error = try #require(Self.refusal(text))
        #expect(error.code == .notARepository)
        #expect(error.message.contains("no repository is registered as \"\(text)\""), "\(error.message)")
        #expect(error.hint?.contains("https://") == true)
    }

    @Test("what an operator allows is accepted")
    func allowed() throws {
        let policy = URLPolicy(allowing: [.privateHosts, .insecureSchemes])
        #expect(try Self.read("http://127.0.0.1:8080/a/b", policy).identity == "127.0.0.1:8080/a/b")
        #expect(Self.refusal("http://169.254.169.254/a/b", policy)?.code == .refusedURL)
    }

    @Test("a path leads to the repository around it, however it is spelt")
    func paths() async throws {
        try await ScratchFolder.with { folder in
            let path = try Self.repository(folder, "my project.git")
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/link", withDestinationPath: path)
            for text in [path, path + "/", "  \(path)\n", path + "/objects/..", folder.path + "/link", path + "/refs"] {
                let location = try Self.read(text)
                #expect(location.identity == "path:" + path, "\(text)")
                #expect(location.url == path && location.suggestedName == "my project", "\(text)")
                #expect(location.record(name: "x").isLocal)
            }
        }
    }

    @Test("characters that a URL would encode stay as they are in a path")
    func oddPaths() async throws {
        try await ScratchFolder.with { folder in
            for name in ["a%20b", "a#b", "a?b", "ä ö", "a\u{0308}", "-x", "a:b", "a\\b", "'quoted'", ".git"] {
                let path = try Self.repository(folder, name)
                #expect(try Self.read(path).identity == "path:" + path, "\(name)")
            }
        }
    }

    @Test("the main checkout's folder is what a repository is known by")
    func mainCheckout() async throws {
        try await ScratchFolder.with { folder in
            _ = try Self.repository(folder, "project/.git")
            try folder.makeFolder("project/deep/er")
            let location = try Self.read(folder.path + "/project/deep/er")
            #expect(location.url == folder.path + "/project")
            #expect(location.identity == "path:\(folder.path)/project/.git")
            #expect(location.suggestedName == "project")
        }
    }

    @Test("a folder without a repository, a missing path and a control character are told apart from a URL")
    func noRepository() async throws {
        try await ScratchFolder.with { folder in
            try folder.makeFolder("plain")
            for text in [folder.path + "/plain", folder.path + "/missing", folder.path + "/a\u{1}b", "./missing-here"] {
                let error = try #require(Self.refusal(text))
                #expect(error.code == .notARepository, "\(text)")
                #expect(!error.message.contains("\u{1}"))
            }
        }
    }
}
