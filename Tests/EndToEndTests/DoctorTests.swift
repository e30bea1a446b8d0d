import Foundation
import Glibc
import Testing

@Suite("doctor")
struct DoctorTests {
    private struct CheckJSON: Decodable {
        let name: String
        let verdict: String
        let detail: String
        let advice: String?
    }

    private static let agreed = "disk and database agree"

    /// What is out of place, by sentence.
    private func leftovers(_ fixture: RunnerFixture) async throws -> [CheckJSON] {
        let checks = try await fixture.runner("doctor", "--json").json([CheckJSON].self)
        let names = ["leftovers", "worktree", "clone", "attempt folder", "Git's worktree"]
        return checks.filter { names.contains($0.name) }
    }

    @Test("what is recorded and not there, and what is there and not recorded, is named with what to do")
    func disagreement() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let started = try await fixture.runner("start", repository, "echo x > x", "--workflow", "script")
            #expect(started.status == 0, "\(started.err)")
            #expect(try await leftovers(fixture).map(\.detail) == [Self.agreed])

            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            let hubs = try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/hubs")
            let hub = fixture.home + "/hubs/" + (try #require(hubs.first { $0.hasSuffix(".git") }))
            #expect(rename(worktree, fixture.root + "/moved") == 0)
            try await fixture.git("worktree", "add", "-q", "--detach", fixture.root + "/by-hand", "HEAD", in: hub)
            try FileManager.default.removeItem(atPath: fixture.root + "/by-hand")
            let strange = [
                fixture.home + "/worktrees/project/stray", fixture.home + "/hubs/\(UUID().uuidString.lowercased()).git",
                fixture.home + "/attempts/\(UUID().uuidString.lowercased())",
            ]
            for folder in strange {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }

            let found = try await leftovers(fixture)
            #expect(found.count == 5 && found.allSatisfy { $0.verdict == "failed" && $0.advice != nil }, "\(found)")
            #expect(
                found.contains { $0.detail.contains("task 1 is gone") && $0.advice?.contains("env relocate 1") == true }
            )
            #expect(
                found.contains { $0.detail.contains("\"by-hand\"") && $0.advice?.contains("worktrees/by-hand") == true }
            )
            for folder in strange { #expect(found.contains { $0.detail.hasSuffix(folder) }, "\(folder)") }
            #expect(try await fixture.runner("doctor").status == 1)

            // What the advice says puts it right.
            for folder in strange { rmdir(folder) }
            try FileManager.default.removeItem(atPath: hub + "/worktrees/by-hand")
            let relocated = try await fixture.runner("env", "relocate", "1", fixture.root + "/moved")
            #expect(relocated.status == 0, "\(relocated.err)")
            #expect(try await leftovers(fixture).map(\.detail) == [Self.agreed])
        }
    }

    @Test("a folder that restore --to made may be deleted: nothing is out of place, and Git's entry goes in time")
    func restoredCopy() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.runner("start", repository, "echo x > x", "--workflow", "script")
            #expect(try await fixture.runner("clean", "1").status == 0)
            for copy in ["gone", "kept"] {
                let restored = try await fixture.runner("restore", "1", "--to", fixture.root + "/" + copy)
                #expect(restored.status == 0, "\(restored.err)")
            }
            // Work that was committed in the copy, and that nothing else holds.
            try fixture.write("mine\n", to: fixture.root + "/gone/mine")
            try await fixture.git("add", "mine", in: fixture.root + "/gone")
            try await fixture.git("commit", "-qm", "mine", in: fixture.root + "/gone")
            let commit = try await fixture.git("rev-parse", "HEAD", in: fixture.root + "/gone")
            let hubs = try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/hubs")
            let hub = fixture.home + "/hubs/" + (try #require(hubs.first { $0.hasSuffix(".git") }))
            func entries() throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: hub + "/worktrees").filter {
                    $0.contains("restored")
                }
            }
            #expect(try entries().count == 2)
            try FileManager.default.removeItem(atPath: fixture.root + "/gone")
            #expect(try await leftovers(fixture).map(\.detail) == [Self.agreed])
            try await fixture.runner("tidy")
            #expect(try entries().count == 2)
            let marker = hub + "/worktrees/1-restored-1/runner-gone"
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -15 * 86_400)], ofItemAtPath: marker)
            try await fixture.runner("tidy")
            // The control: the copy that is there keeps its entry.
            #expect(try entries() == ["1-restored-2"])
            #expect(try await fixture.git("rev-parse", "refs/runner/1/restored/\(commit)", in: hub) == commit)
            #expect(try await fixture.git("status", "--porcelain", in: fixture.root + "/kept").isEmpty)
        }
    }

    private struct SessionJSON: Decodable {
        let processId: Int32
        let state: String
    }

    @Test("the session of a worker that was killed without a run is ended by the next look")
    func deadSession() async throws {
        try await RunnerFixture.with(["RUNNER_NO_GUARD": "1"]) { fixture in
            #expect(try await fixture.runner("serve", "--background").status == 0)
            let before = try await fixture.runner("sessions", "--json").json([SessionJSON].self)
            let worker = try #require(before.first)
            #expect(kill(worker.processId, SIGKILL) == 0)
            try await fixture.eventually("it is gone") { kill(worker.processId, 0) != 0 }
            try await fixture.eventually("its session has ended") {
                _ = try await fixture.runner("clean", "--due")
                return try await fixture.runner("sessions", "--json").json([SessionJSON].self).isEmpty
            }
        }
    }
}
