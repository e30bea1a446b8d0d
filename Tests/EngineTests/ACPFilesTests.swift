import Testing

@testable import Engine

@Suite("Files that an agent reads and writes by way of the runner")
struct ACPFilesTests {
    @Test("lines are counted from 1, and no number that an agent can say ends the worker")
    func lines() async throws {
        try await ScratchFolder.with { folder in
            try folder.write("a", "one\ntwo\nthree")
            let files = ACPFiles(worktree: folder.path)
            let path = folder.path + "/a"
            #expect(try files.read(path, line: 2, limit: 1) == "two")
            #expect(try files.read(path, line: .min, limit: .max) == "one\ntwo\nthree")
            #expect(try files.read(path, line: .max, limit: .min) == "")
        }
    }

    @Test("a combining mark behind a slash does not hide the slash")
    func marks() async throws {
        try await ScratchFolder.with { folder in
            let files = ACPFiles(worktree: folder.path)
            try folder.makeFolder(".git")
            for path in [".git/\u{301}x", ".GIT/\u{301}x", ".git/x"] {
                #expect(throws: ACPFiles.Refusal.self) { try files.write("\(folder.path)/\(path)", "x") }
            }
            try files.write(folder.path + "/new/\u{301}deep/x", "text")
            #expect(try files.read(folder.path + "/new/\u{301}deep/x", line: nil, limit: nil) == "text")
        }
    }
}
