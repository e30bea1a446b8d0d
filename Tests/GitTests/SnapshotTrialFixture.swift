import CPlatform
import Foundation
import Glibc
import Subprocess
import Synchronization
import SystemPackage
import Testing

@testable import Git

/// One worktree of many files that a real process saves, removes and restores, and that may be killed at any time.
struct SnapshotTrialFixture {
    typealias Variable = Subprocess.Environment.Key

    let fixture: SnapshotFixture
    let worktree: Worktree
    let trash: String
    let original: SnapshotTreeView

    static let program: String = {
        // Beside the bundle that holds the tests.
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
        return [beside, FileManager.default.currentDirectoryPath + "/.build/debug"]
            .map { $0 + "/SnapshotTrial" }.first { access($0, X_OK) == 0 } ?? "SnapshotTrial"
    }()

    /// A worktree of about `files` files: tracked ones, changed ones, staged ones, and new ones in folders.
    init(_ fixture: SnapshotFixture, number: Int, files: Int) async throws {
        self.fixture = fixture
        worktree = try fixture.worktree("trial-\(number)")
        trash = fixture.root + "/trash-\(number)"
        try SnapshotFixture.write("staged \(number)\n", to: worktree.path + "/file2.txt")
        try await SnapshotFixture.git(["add", "file2.txt"], in: worktree.path)
        try SnapshotFixture.write("unstaged \(number)\n", to: worktree.path + "/file2.txt")
        // 28 are tracked.
        for file in 0..<max(files - 28, 1) {
            try SnapshotFixture.write(
                String(repeating: "work \(number) \(file)\n", count: 1 + file % 50),
                to: worktree.path + "/new\(file % 7)/file\(file).txt")
        }
        original = SnapshotTreeView(worktree.path)
    }

    enum Ending: Equatable {
        case success, told, crashed
    }

    /// Runs one verb; kills it after `delay` where one is given.
    func run(
        _ verb: String, faults: [Variable: String] = [:], killedAfter delay: Duration? = nil,
        killedAt step: String? = nil
    ) async throws -> (ending: Ending, said: String) {
        var variables: [Variable: String] = ["PATH": "/usr/bin:/bin"]
        for (key, value) in faults { variables[key] = value }
        let arguments = [verb, worktree.hub.path, worktree.name, worktree.path, trash]
        let said = Mutex("")
        let result = try await Subprocess.run(
            .path(FilePath(Self.program)), arguments: Arguments(arguments), environment: .custom(variables),
            input: .none, output: .sequence, error: .string(limit: 1 << 16)
        ) { execution in
            let pid = execution.processIdentifier.value
            // The process is not waited for before this closure has returned, so the number stays its own.
            let killer = Task {
                guard let delay else { return }
                try await Task.sleep(for: delay)
                kill(pid, SIGKILL)
            }
            for try await buffer in execution.standardOutput {
                let text = buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                let all = said.withLock { said in
                    said += text
                    return said
                }
                if let step, all.contains(step) { kill(pid, SIGKILL) }
            }
            killer.cancel()
            _ = await killer.result
        }
        let ending: Ending =
            switch result.terminationStatus {
            case .exited(0): .success
            case .exited(1): .told
            default: .crashed
            }
        return (ending, said.withLock { $0 } + result.standardError)
    }

    /// The promise: every file is still there byte for byte, or the snapshot restores all of them.
    ///
    /// Returns the number of lost files, with words on the first.
    func lost(_ label: String) throws -> (count: Int, what: String) {
        for place in [worktree.path, trash] where SnapshotTreeView(place).differences(from: original).isEmpty {
            return (0, "")
        }
        let other = Worktree(hub: worktree.hub, name: worktree.name + "-check", path: worktree.path + "-check")
        do {
            _ = try Snapshot.restore("refs/runner/\(worktree.name)/snap/1", to: other)
        } catch {
            return (original.files, "\(label): neither whole nor restorable: \(error)")
        }
        var restored = SnapshotTreeView(other.path)
        var wanted = original
        // It leads to the other folder's administration.
        restored.drop(".git")
        wanted.drop(".git")
        let differences = restored.differences(from: wanted)
        try fixture.remove(other)
        return (differences.count, differences.first.map { "\(label): \($0)" } ?? "")
    }

    /// What the next start does: the removal goes on to its end, and a restore then brings everything back.
    func recover(_ label: String) async throws {
        // Where a restore was killed, the directory may be there again, whole: then this saves and removes it once more.
        let cleaned = try await run("clean")
        #expect(cleaned.ending == .success, "\(label): \(cleaned.said)")
        #expect(access(trash, F_OK) != 0 && access(worktree.path, F_OK) != 0, "\(label)")
        let restored = try await run("restore")
        #expect(restored.ending == .success, "\(label): \(restored.said)")
        #expect(SnapshotTreeView(worktree.path).differences(from: original) == [], "\(label)")
    }

    func remove() throws {
        if worktree.directoryExists { try fixture.remove(worktree) }
        for path in [trash, worktree.path + "-check"] where access(path, F_OK) == 0 {
            let name = BytePath(path)
            try TreeRemoval.remove(
                name.name, in: DirectoryHandle.open(String(decoding: name.parent.bytes, as: UTF8.self)), expected: nil)
        }
    }
}
