import Glibc

/// Writes one snapshot; made for a single run.
final class SnapshotWriter {
    let request: SnapshotRequest
    let objects: SnapshotObjects
    let sink: ObjectSink
    let worktree: DirectoryHandle
    let gitdir: DirectoryHandle
    /// The folders at the top of the snapshot's tree.
    var roots: [String: TreeNode] = [:]
    var oddCount = 0
    /// Object ids that the worktree's own Git files mention.
    var candidates: Set<ObjectID> = []
    var losses: Set<BytePath> = []
    var brokenTips: [ObjectID] = []
    var saved = (files: 0, bytes: Int64(0))
    /// What each file was right before its content was read.
    var readFacts: [SnapshotEntry.Area: [BytePath: FileFacts]] = [:]
    private let started = Int64(time(nil))

    init(_ request: SnapshotRequest) throws(GitError) {
        self.request = request
        worktree = try DirectoryHandle.open(request.worktree.path)
        gitdir = try DirectoryHandle.open(request.worktree.adminPath)
        objects = try SnapshotObjects(hub: request.worktree.hub)
        sink = try ObjectSink(objects)
    }

    /// Returns what was saved, and what proves it.
    func run(
        at stage: (Snapshot.Stage) throws(GitError) -> Void
    ) throws(GitError) -> (report: SnapshotReport, proof: SnapshotProof) {
        let indexFile = try indexHash()
        let index = try IndexContents(of: request.worktree)
        let scan = try DirectoryScan.entries(beneath: worktree)
        let rules = try IgnoreRules(worktree: request.worktree, scan: scan)
        let plan = SnapshotPlan(worktree: scan, tracked: index.paths, rules: rules, request: request)
        let administrative = SnapshotPlan(gitdir: try DirectoryScan.entries(beneath: gitdir))
        losses = plan.losses.union(administrative.losses)
        try stage(.scanned)

        var entries = try store(plan.entries, beneath: worktree)
        entries += try store(administrative.entries, beneath: gitdir)
        entries += try storeCommon()
        let indexCommit = try storeIndex(index)
        guard try indexHash() == indexFile else {
            throw GitError(code: .modified, operation: "save the index", message: "it changed while it was read")
        }
        let manifest = try manifest(entries, indexCommit)
        let commit = try storeCommit(manifest)
        try sink.flush()
        try stage(.stored)
        let pack = try objects.pack.finish()
        try HubDurability.syncRecentLooseObjects(in: request.worktree.hub)
        try stage(.packed)
        let repository = try request.worktree.hub.open()
        try repository.setReference(request.reference, to: commit)
        try HubDurability.syncReference(request.reference, in: request.worktree.hub)
        try stage(.referenced)
        let proof = SnapshotProof(
            request: request, commit: commit, manifest: manifest, pack: pack, relied: objects.relied,
            readFacts: readFacts, started: started)
        return (report(commit, manifest, index), proof)
    }

    private func report(
        _ commit: ObjectID, _ manifest: SnapshotManifest, _ index: IndexContents
    ) -> SnapshotReport {
        let broken = brokenTips.map {
            SnapshotReport.NotSaved(path: "commit \($0)", reason: "its history is not whole in the hub", size: 0)
        }
        // The file itself is saved, as all of its folder.
        let unread =
            index.isDamaged
            ? [
                SnapshotReport.NotSaved(
                    path: "index", reason: "it is damaged, so what was only staged is not known", size: 0)
            ] : []
        let lost = manifest.entries.filter { $0.class == .unsaved && losses.contains($0.path) }
        return SnapshotReport(
            commit: commit, reference: request.reference, files: saved.files, bytes: saved.bytes,
            notSaved: manifest.notSaved + broken + unread,
            losses: lost.map {
                SnapshotReport.NotSaved(path: $0.path.description, reason: $0.reason, size: $0.size)
            })
    }

    private func indexHash() throws(GitError) -> ObjectID? {
        let name = Array("index".utf8)
        guard try gitdir.facts(of: name) != nil else { return nil }
        return try BlobHash.of(try OpenFile(name, in: gitdir))
    }
}
