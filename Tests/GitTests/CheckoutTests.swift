import CPlatform
import Foundation
import Subprocess
import Testing

@testable import Git

@Suite struct CheckoutTests {
    @Test("a checkout equals git's own byte for byte and mode for mode, and is clean", arguments: CheckoutOddity.all)
    func equals(oddity: CheckoutOddity) async throws {
        try await compare(oddity)
    }

    @Test(
        "100,000 files in one folder equal git's checkout",
        .enabled(if: ProcessInfo.processInfo.environment["RUNNER_LONG_TESTS"] != nil))
    func manyInOneFolder() async throws {
        try await compare(
            CheckoutOddity(
                "many", isPacked: true, (0..<100_000).map { CheckoutOddity.file("all/file\($0)", "\($0)\n") }))
    }

    private func compare(_ oddity: CheckoutOddity) async throws {
        try await GitFixture.withHub { fixture in
            try await fixture.compareCheckout(of: try await fixture.importCommit(oddity))
        }
    }

    @Test("the first status of a fresh checkout reads no file again")
    func firstStatusReadsNothing() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            let debug = try await fixture.git("ls-files", "--debug", in: worktree.path)
            var index = stat()
            #expect(lstat(worktree.adminPath + "/index", &index) == 0)
            let times = debug.split(separator: "\n").filter { $0.contains("mtime:") }
            #expect(times.count == 3)
            for line in times {
                let parts = line.split(separator: ":").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
                // Git as Debian builds it compares seconds.
                #expect(try #require(parts.first) < index.st_mtim.tv_sec)
            }
            // A change of the same length within the same tick shows all the same.
            let file = open(worktree.path + "/a.txt", O_WRONLY)
            #expect(write(file, "ONE\n", 4) == 4)
            close(file)
            #expect(try await fixture.status(worktree) == " M a.txt\n")
            #expect(try Status.dirtyPaths(worktree).map(\.description) == ["a.txt"])
        }
    }

    @Test("objects in an alternate store and loose ones beside packs are found")
    func alternates() async throws {
        try await GitFixture.with { fixture, first in
            try await fixture.git("repack", "-adq", in: fixture.hub.path)
            try fixture.write("loose\n", fixture.origin + "/new.txt")
            try await fixture.git("add", "-A", in: fixture.origin)
            try await fixture.git("commit", "-qm", "second", in: fixture.origin)
            let base = try await fixture.fetch()
            let borrower = try Hub.create(at: fixture.root + "/hubs/two.git")
            try fixture.write(fixture.hub.path + "/objects\n", borrower.path + "/objects/info/alternates")
            for (hub, name) in [(fixture.hub, "here"), (borrower, "there")] {
                let worktree = try Worktree.add(
                    hub: hub, name: name, path: "\(fixture.root)/\(name)", branch: name, base: base)
                #expect(try TreeListing.of(worktree.path).count == 5)
                #expect(try await fixture.status(worktree) == "")
            }
            #expect(first != base)
        }
    }

    @Test("what an external filter would have changed is reported")
    func reportsFilters() async throws {
        try await GitFixture.with(
            files: [
                ".gitattributes": "*.bin filter=lfs -text\n", "a.bin": "pointer\n", "d/b.bin": "pointer\n", "c": "x",
            ]
        ) { fixture, base in
            let worktree = try fixture.add(base: base)
            Directory.removeTree(worktree.path)
            mkdir(worktree.path, 0o755)
            let report = try Checkout(worktree: worktree, commit: base).run()
            #expect(report.unfiltered.keys.sorted() == ["lfs"])
            #expect(report.unfiltered["lfs"]?.count == 2)
        }
    }

    @Test("a sparse checkout leaves out what is not wanted, and git agrees")
    func sparse() async throws {
        try await GitFixture.with(
            files: ["top": "1", "a/x": "2", "a/b/y": "3", "a/b/c/z": "4", "d/w": "5", "ab/v": "6"]
        ) { fixture, base in
            let worktree = try fixture.add(base: base)
            Directory.removeTree(worktree.path)
            mkdir(worktree.path, 0o755)
            try worktree.writeLink()
            _ = try Checkout(worktree: worktree, commit: base, sparse: SparsePatterns(folders: ["a/b/"])).run()
            let paths = try TreeListing.of(worktree.path).keys.map(\.description).sorted()
            #expect(paths == ["a", "a/b", "a/b/c", "a/b/c/z", "a/b/y", "a/x", "top"])
            #expect(try await fixture.status(worktree) == "")
            #expect(try Status.dirtyPaths(worktree).isEmpty)
            #expect(try fixture.checkpoint(worktree).changed == false)
            #expect(SparsePatterns(folders: []) == nil)
        }
    }
}
