import BlockingIO
import Foundation
import Git
import Glibc
import RunnerCore

/// A patch for a person's checkout: all of it or nothing.
struct CheckoutPatch {
    let bytes: [UInt8]
    /// What it changes, the old paths of renamed files too.
    let paths: [BytePath]
    /// How a message calls it.
    let what: String
    /// What the person can merge instead.
    let branch: String

    /// Puts it onto the checkout, uncommitted.
    ///
    /// `git apply` finds out first what does not fit, but writes in two rounds: it removes every old file and makes the
    /// new ones then. On a full disk, or without a right, it ends in between, so the old files keep a second name.
    func apply(to origin: LocalOrigin, of checkout: String, workspace: Workspace) async throws {
        if let left = KeptFiles.leftover(of: checkout, gitDirectory: origin.gitDirectory) {
            throw EngineError(
                .wrongState,
                "an earlier apply to \"\(checkout)\" was cut off; the files as they were are in \"\(left)\"",
                hint: "take back from there what you miss, then remove that folder")
        }
        // The person's own checkout, which no agent wrote to: their Git may run in it.
        let git = GitCommand(transports: "none", environment: workspace.settings.environment)
        let arguments = ["apply", "--binary", "--whitespace=nowarn"]
        let checked = try await git.run(arguments + ["--check", "-"], in: checkout, input: bytes)
        guard checked.status == 0 else {
            throw EngineError(
                .doesNotApply, "\(what) do not apply to \"\(checkout)\": \(Self.reason(checked))",
                hint: "nothing was changed; merge the branch \(branch) instead")
        }
        let kept = try await workspace.lane.run {
            try KeptFiles(paths, of: checkout, gitDirectory: origin.gitDirectory)
        }
        let before = [SIGINT, SIGTERM, SIGHUP].map { ($0, signal($0, SIG_IGN)) }
        defer { for (number, handler) in before { signal(number, handler) } }
        let failure: String?
        do {
            let result = try await git.run(arguments + ["-"], in: checkout, input: bytes, isApart: true)
            failure = result.status == 0 ? nil : Self.reason(result)
        } catch {
            failure = "\(error)"
        }
        guard let failure else { return await workspace.lane.runCatching { kept.letGo() } ?? () }
        do {
            try await workspace.lane.run {
                try kept.putBack()
                kept.letGo()
            }
        } catch {
            throw EngineError(
                .doesNotApply,
                "\(what) could not be written to \"\(checkout)\" (\(failure)), nor all be put back (\(error))",
                hint: "the files as they were are in \"\(kept.folder)\": take them from there, then remove that folder")
        }
        throw EngineError(
            failure.contains(String(cString: strerror(ENOSPC))) ? .diskFull : .doesNotApply,
            "\(what) could not be written to \"\(checkout)\": \(failure)",
            hint: "your files are as they were; try again when that is mended")
    }

    private static func reason(_ output: GitCommand.Output) -> String {
        (output.messages.split(separator: "\n").first.map(String.init) ?? "git gave no reason")
            .replacingOccurrences(of: "error: ", with: "")
    }
}
