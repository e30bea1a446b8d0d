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
}
