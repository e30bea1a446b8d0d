/// Saves a worktree whole in one commit, proves that it is saved, and brings it back.
///
/// The commit's tree holds the files as raw bytes, no filter applied: `worktree/`, `ignored/`, `odd/<n>` for names that
/// a tree cannot hold, `gitdir/` for the administrative folder, `common/`, and `manifest`. Its parents are HEAD, a
/// commit of the index and every other tip that only the worktree knew. All calls block; none follows a link.
package enum Snapshot {
    /// Where a snapshot being written stands; a test stops it there to see what a crash would leave.
    package enum Stage: Sendable {
        case scanned, stored, packed, referenced
    }

    /// Writes a snapshot and returns when it is on the disk: first the objects, then the reference.
    ///
    /// The worktree is not changed. Throws `.modified` when a file changes while it is read. Files that cannot be
    /// saved do not stop it; the report names them.
    package static func write(
        _ request: SnapshotRequest, at stage: (Stage) throws(GitError) -> Void = { _ in }
    ) throws(GitError) -> SnapshotReport {
        try SnapshotWriter(request).run(at: stage).report
    }

    /// What a snapshot holds, from its manifest.
    package static func describe(hub: Hub, reference: String) throws(GitError) -> SnapshotManifest {
        let reader = try SnapshotReader(hub: hub)
        return try reader.manifest(of: reader.commit(named: reference))
    }

    /// Writes a snapshot and proves it against the disk (`SnapshotProof` says how), again when files changed meanwhile, at most three times.
    ///
    /// Returning means: everything that is not named in the report's `notSaved` can be restored, and the worktree may
    /// go. Throws when it kept changing, when the stored bytes are not what was written, or when work cannot be saved.
    package static func saveVerified(
        _ request: SnapshotRequest, betweenWriteAndVerify: () -> Void = {}
    ) throws(GitError) -> SnapshotReport {
        var last = ""
        for _ in 0..<3 {
            let (report, proof): (SnapshotReport, SnapshotProof)
            do throws(GitError) {
                (report, proof) = try SnapshotWriter(request).run { _ in }
            } catch  where error.code == .modified {
                last = error.description
                continue
            }
            if let loss = report.losses.first {
                throw GitError(
                    code: .generic, operation: "save '\(request.worktree.path)'",
                    message: "'\(loss.path)' cannot be saved: \(loss.reason)"
                        + (report.losses.count > 1 ? " (and \(report.losses.count - 1) more)" : ""))
            }
            betweenWriteAndVerify()
            let verification = try proof.verify()
            if let damage = verification.damage.first {
                throw GitError(
                    code: .generic, operation: "verify the snapshot of '\(request.worktree.path)'", message: damage)
            }
            guard let difference = verification.differences.first else { return report }
            last = "'\(difference.path)' \(difference.what)"
        }
        throw GitError(
            code: .modified, operation: "save '\(request.worktree.path)'",
            message: "it changed while it was saved, three times in a row; last: \(last)")
    }
}
