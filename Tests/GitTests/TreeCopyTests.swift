import CPlatform
import Foundation
import Glibc
import Testing

@testable import Git

@Suite struct TreeCopyTests {
    private func with(_ body: (GitFixture, Worktree) async throws -> Void) async throws {
        try await GitFixture.with(files: [".gitignore": "modules/\n", "a": "1\n"]) { fixture, base in
            let worktree = try fixture.add(base: base)
            try fixture.write("x\n", worktree.path + "/modules/pkg/index.js")
            try fixture.write("#!/bin/sh\n", worktree.path + "/modules/pkg/bin/run")
            chmod(worktree.path + "/modules/pkg/bin/run", 0o755)
            symlink("../pkg/bin/run", worktree.path + "/modules/.bin")
            mkdir(worktree.path + "/modules/empty", 0o700)
            let old = timespec(tv_sec: 1_500_000_000, tv_nsec: 5)
            utimensat(AT_FDCWD, worktree.path + "/modules/pkg/index.js", [old, old], 0)
            utimensat(AT_FDCWD, worktree.path + "/modules/pkg", [old, old], 0)
            try await body(fixture, worktree)
        }
    }

    @Test("a copied folder equals the original, and shares no file with it")
    func equal() async throws {
        try await with { fixture, worktree in
            let kept = fixture.root + "/kept"
            #expect(try worktree.carry(BytePath("modules"), to: kept) { $0 == 12 })
            let other = try fixture.add("two", base: try #require(try worktree.open().head().commit))
            #expect(try other.bring(kept, to: BytePath("modules")))
            let (from, to) = (
                try TreeListing.of(worktree.path + "/modules"), try TreeListing.of(other.path + "/modules")
            )
            #expect(from == to && from.count == 6)
            #expect(time(other.path + "/modules/pkg/index.js") == 1_500_000_000)
            #expect(time(other.path + "/modules/pkg") == 1_500_000_000)
            try Directory.write(Array("changed\n".utf8), to: other.path + "/modules/pkg/index.js")
            let file = open(other.path + "/modules/pkg/bin/run", O_WRONLY | O_APPEND)
            #expect(Glibc.write(file, "more\n", 5) == 5)
            close(file)
            #expect(try TreeListing.of(worktree.path + "/modules") == from)
            #expect(try TreeListing.of(kept) == from)
            // What is there already is never written over.
            #expect(try !other.bring(kept, to: BytePath("modules")))
            #expect(try await fixture.status(other) == "")
        }
    }

    @Test("a folder that Git does not ignore, that leads back by a link, or for which there is no room, is not copied")
    func refused() async throws {
        try await with { fixture, worktree in
            let kept = fixture.root + "/kept"
            #expect(try !worktree.carry(BytePath("modules"), to: kept) { _ in false })
            try fixture.write("x\n", worktree.path + "/plain/file")
            #expect(try !worktree.carry(BytePath("plain"), to: kept) { _ in true })
            #expect(try !worktree.carry(BytePath("missing"), to: kept) { _ in true })
            symlink(worktree.path + "/a", worktree.path + "/modules/back")
            #expect(throws: GitError.self) { try worktree.carry(BytePath("modules"), to: kept) { _ in true } }
            unlink(worktree.path + "/modules/back")
            mkfifo(worktree.path + "/modules/pipe", 0o600)
            #expect(throws: GitError.self) { try worktree.carry(BytePath("modules"), to: kept) { _ in true } }
            #expect(!fixture.exists(kept))
            unlink(worktree.path + "/modules/pipe")
            #expect(try worktree.carry(BytePath("modules"), to: kept) { _ in true })
        }
    }

    private func time(_ path: String) -> Int {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mtim.tv_sec : 0
    }
}
