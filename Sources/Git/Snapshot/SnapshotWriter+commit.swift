import CLibgit2
import Foundation

extension SnapshotWriter {
    /// Writes a commit whose tree is the index without its conflicts; their sides are anchored one by one.
    func storeIndex(_ index: IndexContents) throws(GitError) -> ObjectID? {
        guard !index.isDamaged, try gitdir.facts(of: Array("index".utf8)) != nil else { return nil }
        let tree = TreeNode()
        for entry in index.entries {
            // An entry of another repository, or one that was only announced with `git add -N`, has no object here.
            let isCommit = entry.mode == 0o160000
            guard isCommit || sink.type(of: entry.id) != nil else { continue }
            let components = entry.path.components
            if !isCommit { rely(on: entry.id) }
            if entry.stage == 0, components.count <= 200 {
                tree.insert(components, mode: String(entry.mode, radix: 8), id: entry.id)
            } else if !isCommit {
                root("anchored").insert(entry.id.hex, id: entry.id)
            }
        }
        for id in index.resolvedSides where sink.type(of: id) == GIT_OBJECT_BLOB {
            rely(on: id)
            root("anchored").insert(id.hex, id: id)
        }
        return try writeCommit(tree: try tree.write(to: sink), parents: [], message: "index")
    }

    /// The proof reads again what the snapshot names and does not add.
    private func rely(on id: ObjectID) {
        if objects.kind(of: id) == nil { objects.rely(on: id) }
    }

    /// Gathers what the snapshot knows; HEAD is read from the stored bytes' own source.
    func manifest(_ entries: [SnapshotEntry], _ indexCommit: ObjectID?) throws(GitError) -> SnapshotManifest {
        let repository = try request.worktree.hub.open()
        let headFile = try OpenFile(Array("HEAD".utf8), in: gitdir)
        let head = String(decoding: try headFile.bytes(), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        var headCommit = ObjectID(head)
        if head.hasPrefix("ref: ") { headCommit = try repository.reference(String(head.dropFirst(5))) }
        let stash = try repository.reference("refs/stash")
        if let stash { candidates.insert(stash) }
        let tips = try SnapshotTips(naming: candidates, head: headCommit, objects: sink, hub: request.worktree.hub)
        brokenTips = tips.broken
        for (id, type) in tips.loose {
            rely(on: id)
            root("anchored").insert(id.hex, mode: type == GIT_OBJECT_TREE ? "40000" : "100644", id: id)
        }
        return SnapshotManifest(
            worktree: request.worktree.name, head: head, headCommit: headCommit, indexCommit: indexCommit,
            tips: tips.commits, stash: stash, entries: entries)
    }

    /// Writes the tree and the commit that anchors everything.
    func storeCommit(_ manifest: SnapshotManifest) throws(GitError) -> ObjectID {
        let top = TreeNode()
        for (name, folder) in roots { top.insert(name, folder: folder) }
        top.insert("manifest", id: try sink.add(manifest.text))
        var parents: [ObjectID] = []
        for parent in [manifest.headCommit, manifest.indexCommit].compactMap({ $0 }) + manifest.tips
        where !parents.contains(parent) {
            parents.append(parent)
        }
        return try writeCommit(tree: try top.write(to: sink), parents: parents, message: request.message)
    }

    private func writeCommit(tree: ObjectID, parents: [ObjectID], message: String) throws(GitError) -> ObjectID {
        let signature = try request.signature.make()
        defer { git_signature_free(signature) }
        let minutes = abs(request.signature.offsetMinutes)
        let zone =
            (request.signature.offsetMinutes < 0 ? "-" : "+")
            + [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined()
        let who = "\(String(cString: signature.pointee.name)) <\(String(cString: signature.pointee.email))>"
            .replacing("\n", with: " ")
        let stamp = "\(who) \(signature.pointee.when.time) \(zone)"
        var text = "tree \(tree)\n"
        for parent in parents { text += "parent \(parent)\n" }
        text += "author \(stamp)\ncommitter \(stamp)\n\n"
        text += message.replacing("\0", with: "") + (message.hasSuffix("\n") ? "" : "\n")
        return try sink.add(Array(text.utf8), as: GIT_OBJECT_COMMIT)
    }
}
