import CPlatform
import Foundation
import Subprocess
import SystemPackage
import Testing

@testable import Git

/// Trees that no honest `git` writes: nothing of them may be made outside, and nothing may be left.
@Suite struct CheckoutHostileTests {
    struct Item: Sendable {
        let mode: String
        let name: [UInt8]
        let content: Content

        enum Content: Sendable {
            case text(String)
            indirect case tree([Item])
        }

        static func file(_ name: String, _ text: String = "evil\n") -> Item {
            Item(mode: "100644", name: Array(name.utf8), content: .text(text))
        }

        static func link(_ name: String, _ target: String) -> Item {
            Item(mode: "120000", name: Array(name.utf8), content: .text(target))
        }

        static func folder(_ name: String, _ items: [Item]) -> Item {
            Item(mode: "40000", name: Array(name.utf8), content: .tree(items))
        }
    }

    static let trees: [(String, [Item])] = [
        ("a file above", [.file("../escaped")]),
        ("a folder above", [.folder("..", [.file("escaped")])]),
        ("the folder itself", [.folder(".", [.file("escaped")])]),
        ("an absolute path", [.file("/tmp/runner-escaped")]),
        ("a path as a name", [.file("a/b")]),
        ("a name that is empty", [.file("")]),
        ("the link file itself", [.file(".git", "gitdir: /tmp\n")]),
        ("a .git folder", [.folder(".git", [.file("config")])]),
        ("a .git folder below", [.folder("d", [.folder(".GiT", [.file("config")])])]),
        ("a short name of NTFS", [.folder("GIT~1", [.file("config")])]),
        ("a stream of NTFS", [.file(".git::$INDEX_ALLOCATION")]),
        ("dots and spaces at the end", [.folder(".git . .", [.file("config")])]),
        ("a backslash before .git", [.file("a\\.git\\config")]),
        ("a look-alike of HFS+", [.folder(".\u{200D}g\u{206A}it\u{FEFF}", [.file("config")])]),
        ("a link in the place of .gitmodules", [.link(".gitmodules", "/etc/passwd")]),
        ("a look-alike link", [.link(".GITMODULES ", "/etc/passwd")]),
        ("a file beneath a link", [.link("a", "/tmp"), .folder("a", [.file("runner-escaped")])]),
        ("a file beneath a link that comes later", [.folder("a", [.file("runner-escaped")]), .link("a", "/tmp")]),
        ("a file through a link of the same name", [.link("a", "/tmp/runner-escaped"), .file("a")]),
        ("a path twice", [.file("a", "1"), .file("b"), .file("a", "2")]),
        ("a link to nothing", [.link("a", "")]),
        ("a name of 300 bytes", [.file(String(repeating: "n", count: 300))]),
        (
            "a path that no kernel takes",
            [(0..<20).reduce(Item.file("x")) { item, _ in .folder(String(repeating: "d", count: 250), [item]) }]
        ),
    ]

    @Test("a hostile tree is refused with one sentence and leaves nothing", arguments: trees.indices)
    func refused(number: Int) async throws {
        let (name, items) = Self.trees[number]
        try await GitFixture.withHub { fixture in
            let base = try await commit(items, fixture)
            let before = try FileManager.default.subpathsOfDirectory(atPath: fixture.root).filter {
                !$0.hasPrefix("hubs/")
            }
            let error = #expect(throws: GitError.self, "\(name)") { try fixture.add(base: base) }
            #expect(error?.description.contains("\n") == false)
            let after = try FileManager.default.subpathsOfDirectory(atPath: fixture.root).filter {
                !$0.hasPrefix("hubs/")
            }
            #expect(after.filter { $0 != "worktrees" } == before)
            #expect(!fixture.exists("/tmp/runner-escaped"))
            #expect(!fixture.exists(fixture.hub.path + "/worktrees/one"))
            #expect(try fixture.hub.open().references(matching: "refs/heads/*").isEmpty)
        }
    }

    @Test("the same tree with honest names is checked out")
    func control() async throws {
        try await GitFixture.withHub { fixture in
            let base = try await commit([.link("a", "/tmp"), .folder("b", [.file("c")])], fixture)
            let worktree = try fixture.add(base: base)
            #expect(try TreeListing.of(worktree.path).count == 3)
            #expect(try await fixture.status(worktree) == "")
        }
    }

    @Test("a tree that stands for billions of paths ends with an error, in little time")
    func bomb() async throws {
        try await GitFixture.withHub { fixture in
            var id = try await write("blob", Array("x".utf8), fixture)
            var mode = "100644"
            for _ in 0..<10 {
                var tree: [UInt8] = []
                for number in 0..<10 { tree += Array("\(mode) f\(number)\0".utf8) + Self.raw(id) }
                id = try await write("tree", tree, fixture)
                mode = "40000"
            }
            let text = try await fixture.git("commit-tree", id, "-m", "x", in: fixture.hub.path)
            let base = try #require(ObjectID(text.trimmed))
            let repository = try fixture.hub.open()
            let error = #expect(throws: GitError.self) {
                _ = try CheckoutPlan(repository, commit: base, entryLimit: 10_000).entries
            }
            #expect(error?.code == .invalidName)
        }
    }

    private func commit(_ items: [Item], _ fixture: GitFixture) async throws -> ObjectID {
        let tree = try await write(tree: items, fixture)
        return try #require(
            ObjectID(try await fixture.git("commit-tree", tree, "-m", "x", in: fixture.hub.path).trimmed))
    }

    private func write(tree items: [Item], _ fixture: GitFixture) async throws -> String {
        var bytes: [UInt8] = []
        for item in items {
            let id =
                switch item.content {
                case .text(let text): try await write("blob", Array(text.utf8), fixture)
                case .tree(let inner): try await write(tree: inner, fixture)
                }
            bytes += Array("\(item.mode) ".utf8) + item.name + [0] + Self.raw(id)
        }
        return try await write("tree", bytes, fixture)
    }

    private func write(_ type: String, _ bytes: [UInt8], _ fixture: GitFixture) async throws -> String {
        let file = fixture.root + "/object"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        defer { unlink(file) }
        return try await fixture.git(
            "hash-object", "-w", "--literally", "-t", type, file, in: fixture.hub.path
        ).trimmed
    }

    private static func raw(_ hex: String) -> [UInt8] {
        var rest = Substring(hex)
        var bytes: [UInt8] = []
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
