import Foundation
import Glibc
import Subprocess
import SystemPackage

extension LocalCluster {
    /// Makes the data beside its place and moves it there when it is complete, so that nothing half-made is ever seen.
    func create(_ layout: ClusterLayout, owner: OSUser, binaries: ClusterBinaries) async throws(ClusterError) {
        let draft = layout.data + ".new"
        // Whoever left it is dead: this process holds the lock.
        try ClusterFiles.remove(draft)
        do throws(ClusterError) {
            try ClusterFiles.makeFolder(draft, mode: 0o700)
            if owner.uid != geteuid(), chown(draft, owner.uid, owner.gid) != 0 {
                throw ClusterError.system("make the database", path: draft, errno: errno)
            }
            try await initialise(draft, owner: owner, binaries: binaries)
            try await nameDatabase(draft, owner: owner, binaries: binaries)
            guard rename(draft, layout.data) == 0 else {
                throw ClusterError.system("make the database", path: layout.data, errno: errno)
            }
        } catch {
            try? ClusterFiles.remove(draft)
            throw error
        }
    }

    /// WAL segments of 1 MB instead of 16 keep a small cluster small.
    private func initialise(
        _ draft: String, owner: OSUser, binaries: ClusterBinaries
    ) async throws(ClusterError) {
        let arguments = [
            "-D", draft, "-U", "runner", "--no-locale", "-E", "UTF8", "-A", "peer", "--wal-segsize=1",
        ]
        try await tool(
            binaries.initdb, arguments + (durability == .throwaway ? ["--no-sync"] : []), owner: owner, input: "")
    }

    /// A rename costs no copy, and in single-user mode no server start.
    private func nameDatabase(
        _ draft: String, owner: OSUser, binaries: ClusterBinaries
    ) async throws(ClusterError) {
        var arguments = ["--single", "-D", draft, "-c", "log_checkpoints=off", "-c", "exit_on_error=on"]
        if durability == .throwaway { arguments += ["-c", "fsync=off"] }
        try await tool(
            binaries.postgres, arguments + ["template1"], owner: owner,
            input: "alter database postgres rename to runner\n")
    }

    private func tool(
        _ path: String, _ arguments: [String], owner: OSUser, input: String
    ) async throws(ClusterError) {
        let result: ExecutionResult<Void, DiscardedOutput, StringOutput<UTF8>>
        let command = DetachedProcess.command([path] + arguments, as: owner)
        do {
            result = try await run(
                .path(FilePath(command[0])), arguments: Arguments(Array(command.dropFirst())),
                environment: DetachedProcess.environment(ClusterSettings.environment), workingDirectory: "/",
                platformOptions: DetachedProcess.newSession, input: .string(input),
                output: .discarded, error: .string(limit: 1 << 20))
        } catch {
            throw ClusterError(code: .createFailed, operation: "make the database", message: "\(error)", hint: "")
        }
        guard !result.terminationStatus.isSuccess else { return }
        throw Self.creationError(result.standardError)
    }

    /// The first line with an error says what happened; the rest is advice for people who ran initdb by hand.
    private static func creationError(_ output: String) -> ClusterError {
        let lines = output.split(separator: "\n")
        let line = lines.first { $0.contains("error:") || $0.contains("FATAL:") || $0.contains("PANIC:") } ?? lines.last
        let message = line.map { String($0) } ?? "initdb failed without a word"
        if output.contains("No space left on device") || output.contains("Disk quota exceeded") {
            return .diskFull("make the database", message: message)
        }
        return ClusterError(code: .createFailed, operation: "make the database", message: message, hint: "")
    }
}
