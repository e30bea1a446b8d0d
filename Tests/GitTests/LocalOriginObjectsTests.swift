import CPlatform
import Foundation
import Testing

@testable import Git

@Suite struct LocalOriginObjectsTests {
    @Test("objects are hard links of the origin's files and outlive the origin")
    func hardLinks() async throws {
        try await GitFixture.with { fixture, base in
            try await fixture.git("repack", "-adq", in: fixture.origin)
            try await fixture.commitInOrigin("loose\n")
            let hub = try fixture.emptyHub()
            let report = try fixture.mirror(into: hub)
            let store = fixture.origin + "/.git/objects/"
            let names = fixture.files(below: hub.path + "/objects")
            #expect(names.count == report.filesLinked && names.contains { $0.hasSuffix(".pack") })
            for name in names {
                let (here, there) = (try fixture.facts("\(hub.path)/objects/\(name)"), try fixture.facts(store + name))
                #expect(here.st_ino == there.st_ino && here.st_nlink == 2, "\(name)")
            }
            #expect(!fixture.exists(hub.path + "/objects/info/alternates"))
            Directory.removeTree(fixture.origin)
            try await fixture.fsck(hub.path)
            #expect(try await fixture.git("rev-list", "--count", "refs/remotes/origin/main", in: hub.path) == "2\n")
        }
    }

    @Test("an alternates file would not have outlived the origin")
    func alternatesControl() async throws {
        try await GitFixture.with { fixture, base in
            let hub = try fixture.emptyHub()
            try fixture.write(fixture.origin + "/.git/objects\n", hub.path + "/objects/info/alternates")
            try hub.open().setReference("refs/remotes/origin/main", to: base)
            try await fixture.fsck(hub.path)
            Directory.removeTree(fixture.origin)
            #expect(throws: GitError.self) { try hub.open().requireCommit(base) }
        }
    }

    @Test("repacking and pruning at the origin between mirrors loses nothing")
    func repacked() async throws {
        try await GitFixture.with { fixture, base in
            let hub = try fixture.emptyHub()
            try await fixture.git("branch", "gone", in: fixture.origin)
            _ = try fixture.mirror(into: hub)
            try hub.open().setReference("refs/heads/runner/1-task", to: base)
            try await fixture.git("checkout", "-q", "--orphan", "fresh", in: fixture.origin)
            try await fixture.commitInOrigin("fresh\n")
            try await fixture.git("branch", "-q", "-D", "main", "gone", in: fixture.origin)
            try await fixture.git("reflog", "expire", "--expire=now", "--all", in: fixture.origin)
            try await fixture.git("gc", "-q", "--prune=now", in: fixture.origin)
            #expect(throws: GitError.self) { try fixture.local().open().requireCommit(base) }
            _ = try fixture.mirror(into: hub)
            try await fixture.expectMirror(of: fixture.origin, in: hub)
            #expect(try hub.open().reference("refs/heads/runner/1-task") == base)
        }
    }

    @Test("eight mirrors at once, while the origin is repacked again and again, all succeed")
    func concurrent() async throws {
        try await GitFixture.with { fixture, _ in
            for number in 0..<5 { try await fixture.commitInOrigin("\(number)\n") }
            let hub = try fixture.emptyHub()
            let origin = try fixture.local()
            async let repacks: Void = {
                for number in 0..<6 {
                    try await fixture.git("repack", "-q", number % 2 == 0 ? "-adf" : "-Ad", in: fixture.origin)
                    try await fixture.git("prune-packed", "-q", in: fixture.origin)
                }
            }()
            let results = await fixture.onThreads(8) { _ in
                for _ in 0..<3 { _ = try origin.mirror(into: hub) }
            }
            try await repacks
            for result in results { #expect(throws: Never.self) { try result.get() } }
            try await fixture.expectMirror(of: fixture.origin, in: hub)
            #expect(fixture.files(below: hub.path).allSatisfy { !$0.hasSuffix(".tmp") })
        }
    }

    @Test("of a partial clone what is there comes along, marked, so that git can tidy what lacks the rest")
    func partialClone() async throws {
        try await GitFixture.with { fixture, _ in
            for text in ["two\n", "three\n"] { try await fixture.commitInOrigin(text) }
            try await fixture.git("config", "uploadpack.allowFilter", "true", in: fixture.origin)
            let path = fixture.root + "/partial"
            try await fixture.git(
                "clone", "-q", "--filter=blob:none", "file://" + fixture.origin, path, in: fixture.root)
            let hub = try fixture.emptyHub()
            _ = try fixture.mirror(path, into: hub)
            #expect(hub.isPartial && !fixture.hub.isPartial)
            let base = try await fixture.tip("HEAD", in: path)
            let worktree = try Worktree.add(
                hub: hub, name: "one", path: fixture.root + "/worktrees/one", branch: "runner/one", base: base)
            #expect(try String(contentsOfFile: worktree.path + "/a.txt", encoding: .utf8) == "three\n")
            try fixture.write("work\n", worktree.path + "/work.txt")
            let tip = try #require(try fixture.commit(worktree).tip)
            _ = try fixture.local(path).publish(branch: "runner/one", from: hub, as: "runner/one")
            #expect(try await fixture.tip("runner/one", in: path) == tip)
            // Without the promise git gives up at the first version of the file, which nobody has here.
            let packs = { fixture.files(below: hub.path + "/objects/pack").filter { $0.hasSuffix(".pack") }.sorted() }
            let before = packs()
            try await fixture.git("repack", "-A", "-d", "-l", "-q", in: hub.path, fails: true)
            #expect(packs() == before)
            try await fixture.git(
                "-c", "remote.origin.promisor=true", "-c", "repack.writeBitmaps=false", "repack", "-A", "-d", "-l",
                "-q",
                in: hub.path)
            #expect(packs() != before)
            #expect(hub.isPartial)
            #expect(try hub.lackedFile(of: tip) == nil)
            let first = try await fixture.tip("HEAD~2", in: path)
            #expect(try hub.lackedFile(of: first) == BytePath("a.txt"))
            #expect(throws: GitError.self) {
                try Worktree.add(
                    hub: hub, name: "old", path: fixture.root + "/worktrees/old", branch: "runner/old", base: first)
            }
        }
    }

    @Test("across file systems objects are copied", .enabled(if: LocalOriginObjectsTests.otherFileSystem != nil))
    func copies() async throws {
        try await GitFixture.with { fixture, _ in
            let folder = try #require(Self.otherFileSystem) + "/git-tests-\(UUID().uuidString)"
            defer { Directory.removeTree(folder) }
            try await fixture.git("repack", "-adq", in: fixture.origin)
            let noise = (0..<60_000).map { "\(UInt64($0).multipliedReportingOverflow(by: 0x9E37_79B9_7F4A_7C15).0)\n" }
            try fixture.write(noise.joined(), fixture.origin + "/large.txt")
            try await fixture.commitInOrigin("large\n")
            let hub = try Hub.create(at: folder + "/hub.git")
            let report = try fixture.mirror(into: hub)
            #expect(report.filesCopied > 0 && report.filesLinked == 0)
            for name in fixture.files(below: hub.path + "/objects") {
                #expect(try fixture.facts("\(hub.path)/objects/\(name)").st_mode & 0o222 == 0, "\(name)")
            }
            try await fixture.expectMirror(of: fixture.origin, in: hub)
            #expect(try fixture.mirror(into: hub).filesCopied == 0)
        }
    }

    /// A writable folder on another device than the temporary folder.
    static let otherFileSystem: String? = {
        var (here, there) = (stat(), stat())
        guard stat(FileManager.default.temporaryDirectory.path, &here) == 0, stat("/dev/shm", &there) == 0,
            here.st_dev != there.st_dev, access("/dev/shm", W_OK) == 0
        else { return nil }
        return "/dev/shm"
    }()
}
