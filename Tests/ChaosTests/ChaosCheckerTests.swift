import Foundation
import Glibc
import Postgres
import RunnerCore
import Store
import Testing

/// Each invariant of the campaign with something that breaks it: a checker that finds nothing must be able to.
@Suite("the chaos checker", .serialized)
struct ChaosCheckerTests {
    @Test("is content with an undisturbed run and names each kind of damage")
    func controls() async throws {
        try await ChaosHome.with(pause: 0) { home in
            let fixture = home.fixture
            let started = try await fixture.runner(
                "start", home.repository, "work", "--title", "control", "--workflow", home.workflow)
            try #require(started.status == 0, "\(started.err)")
            let shown = try await fixture.runner("show", "1", "--json").json(Shown.self)
            let tree = try await fixture.git("rev-parse", "\(shown.branch)^{tree}", in: home.repository)
            try await ChaosChecker.with(home, tree: tree) { checker in
                let all = { try await checker.complaints(["control"]) }
                #expect(try await all() == [])

                try await expect(
                    "its run is failed", of: all, "update runner.runs set status = 'failed'",
                    "update runner.runs set status = 'completed'", in: checker)
                try await expect(
                    "queued", of: all,
                    """
                    insert into runner.runs (task_id, number, workflow_version_id)
                    select task_id, 2, workflow_version_id from runner.runs
                    """, "delete from runner.runs where number = 2", in: checker)
                try await expect(
                    "with attempts succeeded, succeeded", of: all,
                    """
                    insert into runner.step_attempts (step_id, number, fence, status, started_at, finished_at, duration_ms)
                    select a.step_id, 9, a.fence, a.status, a.started_at, a.finished_at, a.duration_ms from runner.step_attempts a
                    join runner.steps s on s.id = a.step_id where s.key = 'b'
                    """, "delete from runner.step_attempts where number = 9", in: checker)
                try await expect(
                    "attempts interrupted", of: all,
                    """
                    update runner.step_attempts a set status = 'interrupted' from runner.steps s
                    where s.id = a.step_id and s.key = 'c'
                    """, "update runner.step_attempts set status = 'succeeded'", in: checker)
                try await expect(
                    "bytes of output", of: all,
                    """
                    update runner.step_logs set bytes = overlay(bytes placing 'X'::bytea from 9 for 1)
                    where byte_offset = 0
                    """, nil, in: checker)
                try await expect(
                    "environment", of: all, "update runner.environments set status = 'running', cleanup_after = null",
                    "update runner.environments set status = 'idle', cleanup_after = now() + interval '1 day'",
                    in: checker)
                let two = try await checker.complaints(["control", "lost"])
                #expect(two.contains("lost: 0 tasks, not 1"))
            }
            try await files(home, tree, shown)
        }
    }

    private struct Shown: Decodable {
        let branch: String
        let worktreePath: String
    }

    /// Does damage in the database, expects the complaint, and undoes it.
    private func expect(
        _ complaint: String, of all: () async throws -> [String], _ damage: SQL, _ undo: SQL?, in checker: ChaosChecker
    ) async throws {
        try await checker.store.client.execute(damage)
        let found = try await all()
        #expect(found.contains { $0.contains(complaint) }, "\(complaint): \(found)")
        if let undo { try await checker.store.client.execute(undo) }
    }

    private func files(_ home: ChaosHome, _ tree: String, _ shown: Shown) async throws {
        let fixture = home.fixture
        let worktree = shown.worktreePath
        try await ChaosChecker.with(home, tree: tree) { checker in
            func found() async throws -> [String] {
                try await checker.complaints(["control"]).filter { !$0.contains("bytes of output") }
            }
            #expect(try await found() == [])
            try fixture.write("x", to: worktree + "/more")
            #expect(try await found().contains { $0.contains("its worktree differs") })
            unlink(worktree + "/more")

            let folder = fixture.home + "/attempts/left"
            mkdir(folder, 0o700)
            #expect(try await found() == ["attempts/left is left"])
            rmdir(folder)

            let waiting = Process()
            waiting.executableURL = URL(fileURLWithPath: "/bin/sleep")
            waiting.arguments = ["300"]
            waiting.environment = ["HOME": fixture.root + "/home"]
            try waiting.run()
            #expect(try await found().contains { $0.hasPrefix("process \(waiting.processIdentifier) is left") })
            // Not SIGTERM, which the test's threads block and the child inherits.
            kill(waiting.processIdentifier, SIGKILL)
            waiting.waitUntilExit()
            #expect(try await found() == [])

            let hub = try #require(
                try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/hubs").first {
                    $0.hasSuffix(".git")
                })
            let path = fixture.home + "/hubs/" + hub
            let wrong = try await fixture.git("commit-tree", "-m", "x", "HEAD^{tree}", in: path)
            try await fixture.git("update-ref", "refs/heads/\(shown.branch)", wrong, in: path)
            #expect(try await found().contains { $0.contains("its branch has the tree") })
            let blob = try await fixture.git("hash-object", "-w", "-t", "blob", worktree + "/journal.txt", in: path)
            let file = "\(path)/objects/\(blob.prefix(2))/\(blob.dropFirst(2))"
            chmod(file, 0o644)
            try Data("damaged".utf8).write(to: URL(fileURLWithPath: file))
            #expect(try await found().contains { $0.hasPrefix("git fsck") })
        }
    }
}
