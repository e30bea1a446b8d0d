import Engine
import Foundation
import Git
import Glibc

/// Saves, removes or restores one worktree with the product's own code, for tests that kill it and for the benchmark.
///
/// `SnapshotTrial <verb> <hub> <name> <path> <trash>`; prints each step when it is done. Exit status 1 is an error that
/// was told, which a test takes for an answer; anything else is a crash.
@main struct SnapshotTrial {
    let worktree: Worktree
    let trash: String

    private var reference: String { "refs/runner/\(worktree.name)/snap/1" }

    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 6 else { exit(2) }
        let worktree = Worktree(hub: Hub(path: arguments[2]), name: arguments[3], path: arguments[4])
        let trial = SnapshotTrial(worktree: worktree, trash: arguments[5])
        do {
            switch arguments[1] {
            case "save": try trial.save()
            case "clean": try trial.clean()
            case "restore": try trial.restore()
            default: exit(2)
            }
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    private func say(_ step: String) {
        var line = Array(step.utf8)
        line.append(0x0A)
        _ = write(STDOUT_FILENO, line, line.count)
    }

    private func save() throws {
        let signature = Signature(name: "runner", email: "runner@localhost", date: Date())
        let started = ContinuousClock.now
        let report = try Snapshot.saveVerified(
            SnapshotRequest(worktree: worktree, reference: reference, signature: signature, message: "trial"))
        let taken = (ContinuousClock.now - started) / .milliseconds(1)
        say("saved \(report.files) files, \(report.notSaved.count) not, in \(Int(taken)) ms")
    }

    /// The order of the janitor, with the undo window at nought; goes on from the facts on disk.
    private func clean() throws {
        if worktree.directoryExists {
            try save()
            let expected = try DirectoryIdentity(of: worktree.path)
            try Trash.move(from: worktree.path, to: trash, expected: expected)
            say("trashed")
        }
        try worktree.removeAdmin()
        say("forgotten")
        guard access(trash, F_OK) == 0 else { return }
        let folder = String(trash[..<(trash.lastIndex(of: "/") ?? trash.startIndex)])
        try DirectoryRemoval.remove(trash, expected: try DirectoryIdentity(of: trash), beneath: folder)
        say("removed")
    }

    private func restore() throws {
        let restoration = try Snapshot.restore(reference, to: worktree)
        say("restored \(restoration.files) files")
    }
}
