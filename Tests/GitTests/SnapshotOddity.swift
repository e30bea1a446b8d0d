import CPlatform
import Foundation
import Glibc

@testable import Git

/// One way in which a worktree can be unlike a clean checkout.
enum SnapshotOddity: String, CaseIterable, Sendable {
    // States of Git, which want a worktree that is clean so far.
    case mergeConflict, rebaseConflict, cherryPickConflict, revertConflict, bisect, mergeUncommitted
    case stashes, detachedCommit, reflogOnlyCommit, orphanBranch, otherBranch, worktreeReference, applyConflict
    // States of the index.
    case stagedAndUnstaged, stagedNew, deletedUnstaged, deletedStaged, renamed, executableBit, typeChange
    case indexExtensions
    case intentToAdd, skipWorktree, assumeUnchanged, lockedIndex, sparseCheckout, forcedIgnored
    // Files.
    case crlf, filterAttribute, untracked, ignored, ignoredAboveCap, emptyFolders, notUTF8, strangeNames, deepTree
    case linkOutside, danglingLink, loopingLinks, hardLinks, sparseFile, largeFile, fifo, socket, modeBits
    case readOnlyFolder, oldTimes, emptyFile, gitLookalikes, hostileModules, fifoIgnoreFile, folderForFile
    case longNames, caseOnly, distantTimes, tenThousandFiles, attributes, closedFolder
    // Repositories inside.
    case nestedRepository, nestedRepositoryIgnored, submoduleAhead

    /// What changes HEAD or leaves something in progress; at most one of these at a time, and first.
    static let states: [SnapshotOddity] = Array(allCases.prefix(13))
    static let others: [SnapshotOddity] = Array(allCases.dropFirst(13))

    func apply(to tree: Worktree, _ fixture: SnapshotFixture) async throws {
        switch self {
        case .mergeConflict, .rebaseConflict, .cherryPickConflict, .revertConflict, .bisect, .mergeUncommitted,
            .stashes, .detachedCommit, .reflogOnlyCommit, .orphanBranch, .otherBranch, .worktreeReference,
            .applyConflict:
            try await applyState(tree)
        case .nestedRepository, .nestedRepositoryIgnored, .submoduleAhead:
            try await applyRepository(tree, fixture)
        case .stagedAndUnstaged, .stagedNew, .deletedUnstaged, .deletedStaged, .renamed, .executableBit, .typeChange,
            .indexExtensions, .intentToAdd, .skipWorktree, .assumeUnchanged, .lockedIndex, .sparseCheckout,
            .forcedIgnored:
            try await applyIndex(tree)
        default:
            try applyFiles(tree.path)
        }
    }

    private func applyState(_ tree: Worktree) async throws {
        func git(_ arguments: String..., fails: Bool = false) async throws {
            try await SnapshotFixture.git(arguments, in: tree.path, fails: fails)
        }
        let file = tree.path + "/file1.txt"
        switch self {
        case .mergeConflict: try await git("merge", "origin/side", fails: true)
        case .mergeUncommitted: try await git("merge", "--no-commit", "--no-ff", "-s", "ours", "origin/side")
        case .rebaseConflict: try await git("rebase", "origin/side", fails: true)
        case .applyConflict: try await git("rebase", "--apply", "origin/side", fails: true)
        case .cherryPickConflict: try await git("cherry-pick", "origin/side", fails: true)
        case .revertConflict: try await git("revert", "--no-edit", "HEAD~3", fails: true)
        case .bisect:
            try await git("bisect", "start")
            try await git("bisect", "bad", "HEAD")
            try await git("bisect", "good", "HEAD~5")
        case .stashes:
            for number in 1...2 {
                try SnapshotFixture.write("stash \(number) of \(tree.name)\n", to: file)
                try SnapshotFixture.write("new \(number)\n", to: "\(tree.path)/in-stash-\(number)")
                try await git("stash", "push", "-q", "--include-untracked")
            }
        case .detachedCommit:
            try await git("checkout", "-q", "--detach")
            try SnapshotFixture.write("detached \(tree.name)\n", to: file)
            try await git("commit", "-q", "-a", "-m", "detached")
        case .reflogOnlyCommit:
            for number in 1...3 {
                try SnapshotFixture.write("lost \(number) of \(tree.name)\n", to: file)
                try await git("commit", "-q", "-a", "-m", "lost \(number)")
                try await git("reset", "-q", "--hard", "HEAD~1")
            }
        case .orphanBranch: try await git("checkout", "-q", "--orphan", "orphan-\(tree.name)")
        case .otherBranch:
            try await git("checkout", "-q", "-b", "other-\(tree.name)")
            try SnapshotFixture.write("other\n", to: file)
            try await git("commit", "-q", "-a", "-m", "other")
        default:
            try SnapshotFixture.write("own \(tree.name)\n", to: file)
            try await git("commit", "-q", "-a", "-m", "kept by a reference")
            try await git("update-ref", "refs/worktree/keep", "HEAD")
            try await git("reset", "-q", "--hard", "HEAD~1")
        }
    }

    private func applyIndex(_ tree: Worktree) async throws {
        func git(_ arguments: String...) async throws { try await SnapshotFixture.git(arguments, in: tree.path) }
        func write(_ text: String, _ name: String) throws {
            try SnapshotFixture.write(text, to: tree.path + "/" + name)
        }
        switch self {
        case .stagedAndUnstaged:
            try write("staged \(tree.name)\n", "file2.txt")
            try await git("add", "file2.txt")
            try write("unstaged \(tree.name)\n", "file2.txt")
        case .stagedNew:
            try write("staged, then gone \(tree.name)\n", "staged-new.txt")
            try await git("add", "staged-new.txt")
            unlink(tree.path + "/staged-new.txt")
        case .deletedUnstaged: unlink(tree.path + "/file3.txt")
        case .deletedStaged: try await git("rm", "-q", "-f", "file4.txt")
        case .renamed: try await git("mv", "file5.txt", "renamed file5.txt")
        case .executableBit: chmod(tree.path + "/file6.txt", 0o755)
        case .typeChange:
            unlink(tree.path + "/file7.txt")
            symlink("file8.txt", tree.path + "/file7.txt")
        case .intentToAdd:
            try write("announced\n", "announced.txt")
            try await git("add", "-N", "announced.txt")
        case .indexExtensions:
            try await git("update-index", "--index-version", "4")
            try await git("update-index", "--force-untracked-cache")
        case .skipWorktree:
            try await git("update-index", "--skip-worktree", "file9.txt")
            unlink(tree.path + "/file9.txt")
        case .assumeUnchanged:
            try await git("update-index", "--assume-unchanged", "file10.txt")
            try write("hidden change\n", "file10.txt")
        case .lockedIndex: try Data().write(to: URL(fileURLWithPath: tree.adminPath + "/index.lock"))
        case .sparseCheckout: try await git("sparse-checkout", "set", "--no-cone", "/*", "!/src/part1/")
        default:
            try write("forced\n", "node_modules/kept.js")
            try write("not forced\n", "node_modules/other.js")
            try await git("add", "-f", "node_modules/kept.js")
        }
    }

    private func applyRepository(_ tree: Worktree, _ fixture: SnapshotFixture) async throws {
        func git(_ arguments: String..., at path: String) async throws {
            try await SnapshotFixture.git(arguments, in: path)
        }
        if self == .submoduleAhead {
            try await git("submodule", "add", "-q", fixture.root + "/source", "module", at: tree.path)
            let module = tree.path + "/module"
            try SnapshotFixture.write("ahead\n", to: module + "/file1.txt")
            try await git("commit", "-q", "-a", "-m", "ahead", at: module)
            try SnapshotFixture.write("dirty\n", to: module + "/file2.txt")
            return
        }
        let nested = tree.path + (self == .nestedRepository ? "/nested" : "/node_modules/nested")
        try SnapshotFixture.write("inner\n", to: nested + "/inner.txt")
        try SnapshotFixture.write("log\n", to: nested + "/kept.log")
        try await git("init", "-q", at: nested)
        try await git("add", "-f", "inner.txt", "kept.log", at: nested)
        try await git("commit", "-q", "-m", "inner", at: nested)
        try SnapshotFixture.write("inner, dirty\n", to: nested + "/inner.txt")
    }
}
