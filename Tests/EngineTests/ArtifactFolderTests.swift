import Foundation
import Glibc
import RunnerCore
import Testing

@testable import Engine

@Suite("what a step leaves behind, read from the disk")
struct ArtifactFolderTests {
    @Test(
        "patterns match paths as a shell's do",
        arguments: [
            ("a.txt", true), ("b.txt", false), ("*.txt", true), ("?.txt", true), ("[ab].txt", true),
            ("[!a].txt", false),
            ("dist/*.js", true), ("*.js", false), ("**/*.js", true), ("**", true), ("dist/**", true),
            ("**/x/*.js", true),
            ("dist/**/y.js", true), ("dist/**/z.js", false), ("dist", false), ("link", true), ("out/passwd", false),
            (".hidden", true), ("*hidden", false), (".h*", true), ("**/config", false), (".git/config", false),
            ("dist/none/*", false), ("empty/*", false), ("\\*.txt", false),
        ])
    func globs(pattern: String, expected: Bool) async throws {
        try await ScratchFolder.with { folder in
            for file in ["a.txt", "dist/main.js", "dist/x/y.js", ".hidden", ".git/config"] { try folder.write(file) }
            try folder.makeFolder("empty")
            symlink("a.txt", folder.path + "/link")
            symlink("/etc", folder.path + "/out")
            // A literal path is looked at as it is; Git's own folder cannot be written in a workflow.
            guard pattern != ".git/config" else { return #expect(!EnvironmentScripts.isInside(pattern)) }
            var glob = WorktreeGlob(pattern)
            #expect(glob.matches(in: folder.path) == expected)
        }
    }

    @Test("the bytes of all artifacts together are limited, and the rest is named")
    func total() async throws {
        try await ScratchFolder.with { folder in
            try folder.makeFolder("artifacts")
            for name in ["a", "b", "c", "d"] {
                let size = name == "d" ? 0 : ArtifactFolder.fileLimit
                #expect(FileManager.default.createFile(atPath: "\(folder.path)/artifacts/\(name)", contents: nil))
                #expect(truncate("\(folder.path)/artifacts/\(name)", size) == 0)
            }
            let contents = ArtifactFolder(folder: folder.path + "/artifacts", worktree: folder.path).read(declared: [:])
            #expect(contents.files.map(\.name) == ["a", "b", "d"])
            #expect(contents.problems.count == 1 && contents.problems[0].contains("together may have"))
        }
    }

    @Test("a folder that a step replaced by a link, or took away, gives nothing")
    func replaced() async throws {
        try await ScratchFolder.with { folder in
            try folder.write("real/a", "secret")
            symlink("real", folder.path + "/artifacts")
            for name in ["artifacts", "none"] {
                let contents = ArtifactFolder(folder: "\(folder.path)/\(name)", worktree: folder.path)
                    .read(declared: [:])
                #expect(contents.files.isEmpty && contents.problems.isEmpty)
            }
            // The control: the folder itself.
            let real = ArtifactFolder(folder: folder.path + "/real", worktree: folder.path)
            #expect(real.read(declared: [:]).files.map(\.bytes) == [Array("secret".utf8)])
            let declared = real.read(declared: ["x": "artifacts/a", "y": "real/a", "a": "real/a"])
            #expect(declared.files.map(\.name) == ["a", "y"] && declared.problems.count == 2)
        }
    }

    @Test("a combining mark behind a slash does not hide the slash, nor a link before it")
    func marks() async throws {
        try await ScratchFolder.with { folder in
            let name = "\u{301}secret"
            try folder.write("outside/\(name)", "x")
            try folder.write("worktree/real/\(name)", "x")
            symlink("../outside", folder.path + "/worktree/link")
            let worktree = folder.path + "/worktree"
            let contents = ArtifactFolder(folder: nil, worktree: worktree)
                .read(declared: ["out": "link/\(name)", "own": "real/\(name)"])
            #expect(contents.files.map(\.name) == ["own"] && contents.problems.count == 1)
            var (out, own) = (WorktreeGlob("link/\(name)"), WorktreeGlob("real/\(name)"))
            #expect(!out.matches(in: worktree) && own.matches(in: worktree))
        }
    }

    @Test(
        "the kind comes from the bytes and the name's ending",
        arguments: [
            ("a.json", "[1]", "json", "application/json"), ("a.json", "[1", "text", "text/plain"),
            ("a", "x", "text", "text/plain"), ("a.md", "", "text", "text/markdown"),
            ("a.md", "\0", "file", "application/octet-stream"), ("a.png", "\0", "file", "image/png"),
            ("a.svg", "<svg/>", "text", "image/svg+xml"), ("json", "{}", "text", "text/plain"),
        ])
    func kinds(name: String, text: String, kind: String, mediaType: String) {
        let found = ArtifactRecord.Kind.of(name, Array(text.utf8))
        #expect(found.kind.rawValue == kind && found.mediaType == mediaType)
    }
}
