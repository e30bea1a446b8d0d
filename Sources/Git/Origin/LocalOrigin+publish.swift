import CLibgit2
import CPlatform
import Glibc

extension LocalOrigin {
    /// Gives the origin the commit that `branch` names in `hub`, as a branch of the name `target`.
    ///
    /// Only objects and that one reference are written; no hook of the origin runs. Throws `.conflict` when the branch
    /// is checked out there, holds commits that the task's branch lacks, or cannot stand beside another's name; but what
    /// references below `kept` in the hub hold, as the commits that a rewind left behind, may be lacking.
    package func publish(
        branch: String, from hub: Hub, as target: String, kept: String? = nil
    ) throws(GitError) -> ObjectID {
        let operation = "publish '\(target)' to '\(commonDirectory)'"
        guard let tip = try hub.open().reference("refs/heads/\(branch)") else {
            throw GitError(code: .notFound, operation: operation, message: "there is no branch '\(branch)'")
        }
        let repository = try open()
        try addObjects(of: hub, to: repository)
        let name = "refs/heads/\(target)"
        let present = try repository.reference(name)
        if present == tip { return tip }
        if let present {
            let related =
                try isShallow
                ? repository.presentHistory(of: [tip]).contains(present) : repository.isDescendant(tip, of: present)
            let mayLeave = related ? true : try isKept(present, below: kept, in: hub)
            guard mayLeave else {
                throw GitError(
                    code: .conflict, operation: operation, message: "the branch there has commits that the task lacks")
            }
        }
        guard try !isCheckedOut(name) else {
            throw GitError(code: .conflict, operation: operation, message: "the branch is checked out there")
        }
        if present == nil, let neighbour = try repository.branchThatExcludes(name) {
            throw GitError(
                code: .conflict, operation: operation,
                message: "git allows no such name beside the branch '\(neighbour)' there")
        }
        let owner = Ownership(of: commonDirectory)
        try copyMissingObjects(from: repository, tip: tip, present: present, owner: owner)
        // A fresh handle without the hub's objects proves that the origin holds the commit by itself.
        let proof = try open()
        if let present {
            try proof.updateReference(name, to: tip, expecting: present, log: "runner: publish")
        } else {
            try proof.createReference(name, at: tip, log: "runner: publish")
        }
        owner.adopt(name, in: commonDirectory)
        return tip
    }

    /// Whether the hub keeps the commit for good below `prefix`, so that no work is lost with a branch that leaves it.
    private func isKept(_ commit: ObjectID, below prefix: String?, in hub: Hub) throws(GitError) -> Bool {
        guard let prefix else { return false }
        let repository = try hub.open()
        guard try repository.hasCommit(commit) else { return false }
        let ids = Set(try repository.references(matching: prefix + "*").map(\.id))
        if ids.contains(commit) { return true }
        for id in ids where try repository.hasCommit(id) {
            if try repository.isDescendant(id, of: commit) { return true }
        }
        return false
    }

    private func addObjects(of hub: Hub, to repository: borrowing GitRepository) throws(GitError) {
        let handle = repository.pointer
        let odb = try gitPointer("open the objects of '\(gitDirectory)'") { git_repository_odb(&$0, handle) }
        defer { git_odb_free(odb) }
        try git("read the hub's objects") { git_odb_add_disk_alternate(odb, hub.path + "/objects") }
    }

    /// Whether a checkout of the origin, the main one or a linked one, is on the branch.
    private func isCheckedOut(_ name: String) throws(GitError) -> Bool {
        var heads = [commonDirectory + "/HEAD"]
        heads += ObjectMirror.names(in: commonDirectory + "/worktrees").map {
            "\(commonDirectory)/worktrees/\($0)/HEAD"
        }
        return heads.contains { path in
            // Old repositories and core.preferSymlinkRefs have a symbolic link there.
            if Self.linkTarget(path) == name { return true }
            guard let bytes = Directory.read(path) else { return false }
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first == "ref: \(name)"
        }
    }

    private static func linkTarget(_ path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
