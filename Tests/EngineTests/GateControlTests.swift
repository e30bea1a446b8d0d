import CPlatform
import Foundation
import Git
import Glibc
import Testing

@testable import Engine

/// What the guards of a removal prevent: the same removal without one of them does the harm.
@Suite struct GateControlTests {
    @Test("control: without its gate a directory goes from under a process")
    func process() async throws {
        try await DiskFixture.with { fixture in
            let path = fixture.state + "/trees/one"
            try await whileRunning("cd \"$1\" && echo ready && read line", path) {
                try Trash.move(from: path, to: fixture.state + "/trash", expected: DirectoryIdentity(of: path))
            }
            #expect(!fixture.exists("state/trees/one"))
        }
    }

    @Test(
        "an immutable file is refused; control: without its gate the trash cannot be emptied",
        .enabled(if: geteuid() == 0))
    func immutable() async throws {
        try await DiskFixture.with { fixture in
            let worktree = try fixture.worktree()
            let identity = try DirectoryIdentity(of: worktree.path)
            let trash = fixture.state + "/trash"
            // Not every file system has such flags.
            guard shell("chattr +i \"$1/inner/b.txt\" 2>&-", worktree.path) else { return }
            defer { _ = shell("chattr -i \"$1/inner/b.txt\" || chattr -i \"$2/inner/b.txt\"", worktree.path, trash) }
            let refusals = Gates.check(worktree, beneath: fixture.state, expected: identity)
            #expect(refusals.map(\.gate) == [.immutable])
            #expect(refusals.first?.sentence.contains("inner/b.txt") == true)
            try Trash.move(from: worktree.path, to: trash, expected: identity)
            #expect(throws: GitError.self) {
                try DirectoryRemoval.remove(trash, expected: identity, beneath: fixture.state)
            }
            #expect(fixture.exists("state/trash/inner/b.txt"))
        }
    }

    @Test(
        "control: a removal that looks at file systems instead of mounts empties what is mounted inside",
        .enabled(if: DiskFixture.canMount, "mounting is not allowed here"))
    func mounted() async throws {
        try await DiskFixture.with { fixture in
            let point = fixture.state + "/trees/one/inner/mounted"
            mkdir(point, 0o755)
            try #require(mount(fixture.root + "/outside", point, nil, UInt(MS_BIND), nil) == 0)
            defer { umount2(point, 2) }
            _ = shell("rm -rf --one-file-system \"$1\" 2>&-", fixture.state + "/trees/one")
            #expect(!fixture.outsideIsWhole)
        }
    }

    @Test("control: a removal by paths follows a link that is swapped in")
    func swappedLink() async throws {
        try await DiskFixture.with { fixture in
            let victim = fixture.state + "/trees/one"
            removeByPath(victim) { folder in
                guard folder.hasSuffix("/inner") else { return }
                rename(folder, victim + "-kept")
                symlink(fixture.root + "/outside", folder)
            }
            #expect(!fixture.outsideIsWhole)
        }
    }

    @Test("control: without its gate a directory goes whose .git file belongs to somebody else")
    func gitFile() async throws {
        try await DiskFixture.with { fixture in
            let worktree = try fixture.worktree()
            let identity = try DirectoryIdentity(of: worktree.path)
            try fixture.write("state/trees/real/.git", "gitdir: /somewhere/else\n")
            #expect(!Gates.check(worktree, beneath: fixture.state, expected: identity).isEmpty)
            try Trash.move(from: worktree.path, to: fixture.state + "/trash", expected: identity)
            try DirectoryRemoval.remove(fixture.state + "/trash", expected: identity, beneath: fixture.state)
            #expect(!fixture.exists("state/trees/real") && !fixture.exists("state/trash"))
        }
    }

    @Test("control: a removal by path empties what a link in the directory's place leads to")
    func linkInPlace() async throws {
        try await DiskFixture.with { fixture in
            symlink(fixture.root + "/outside", fixture.state + "/trees/swapped")
            removeByPath(fixture.state + "/trees/swapped") { _ in }
            #expect(!fixture.outsideIsWhole)
        }
    }

    /// Looks first and goes by the same path afterwards; `between` is what somebody does in between.
    private func removeByPath(_ path: String, _ between: (String) -> Void) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            let child = "\(path)/\(name)"
            var status = stat()
            guard lstat(child, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                between(child)
                removeByPath(child, between)
            } else {
                unlink(child)
            }
        }
        rmdir(path)
    }

    private func shell(_ script: String, _ arguments: String...) -> Bool {
        let words = ["/bin/sh", "-c", script, "sh"] + arguments
        let pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var pid: pid_t = 0
        guard posix_spawn(&pid, "/bin/sh", nil, nil, pointers, environ) == 0 else { return false }
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return status == 0
    }
}
