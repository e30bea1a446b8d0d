import CPlatform
import Foundation
import Testing

@testable import Git

@Suite("large files")
struct LargeFileTests {
    private static let hash = String(repeating: "0a", count: 32)
    private static let version = "version https://git-lfs.github.com/spec/v1"

    @Test("a pointer is read as git-lfs reads it, and nothing else is one")
    func pointers() {
        let (version, hash) = (Self.version, Self.hash)
        let expected = LargeFilePointer(hash: hash, size: 12)
        let good = [
            "\(version)\noid sha256:\(hash)\nsize 12\n", "\(version)\noid sha256:\(hash)\nsize 12",
            "\(version)\r\noid sha256:\(hash)\r\nsize 12\r\n", "\(version)\noid sha256:\(hash)\nsize 12\n\n",
            "version https://hawser.github.com/spec/v1\noid sha256:\(hash)\nsize 12\n",
        ]
        for text in good { #expect(LargeFilePointer(Array(text.utf8)) == expected, "\(text.debugDescription)") }
        #expect(expected.text == Array(good[0].utf8))
        let bad = [
            "", "\n", "pointer\n", "\u{FEFF}" + good[0], "\(version)\noid sha256:\(hash)\n",
            "\(version)\nsize 12\noid sha256:\(hash)\n", "\(version)\noid sha256:\(hash)\nsize -1\n",
            "\(version)\noid sha256:\(hash)\nsize +1\n", "\(version)\noid sha256:\(hash)\nsize 99999999999999999999\n",
            "\(version)\noid sha256:\(hash.uppercased())\nsize 12\n", "\(version)\noid sha256:\(hash)0\nsize 12\n",
            "\(version)\next-0-x sha256:\(hash)\noid sha256:\(hash)\nsize 12\n",
            "\(version)\noid sha256:../../\(hash.dropFirst(6))\nsize 12\n",
            good[0] + String(repeating: "\n", count: 1024),
        ]
        for text in bad { #expect(LargeFilePointer(Array(text.utf8)) == nil, "\(text.debugDescription)") }
        #expect(LargeFilePointer([0xFF, 0xFE, 0x00]) == nil)
    }

    /// Contents of all kinds: shorter than a pointer, no text, longer than any buffer.
    private static let contents: [String: [UInt8]] = [
        "a.bin": Array("short\r\n".utf8), "d/b.bin": [0xFF, 0xFE, 0, 13, 10],
        "d/e/c.big": (0..<700_001).map { UInt8(truncatingIfNeeded: $0 &* 31) },
    ]

    private func keep(_ bytes: [UInt8], _ fixture: GitFixture) throws -> LargeFilePointer {
        let path = fixture.root + "/content"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let file = runner_open(path, O_RDONLY | O_CLOEXEC, 0)
        defer { close(file) }
        return try fixture.hub.largeFileStore.keep(file)
    }

    /// A commit with pointers, attributes at the top and in a folder, an empty file and one that should be a pointer;
    /// the contents are in the hub where `isFilled`.
    private func with(_ body: (GitFixture, ObjectID, [String: LargeFilePointer]) async throws -> Void) async throws {
        try await GitFixture.with(files: [
            ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
            "d/e/.gitattributes": "*.big filter=lfs -text\n", "empty.bin": "", "plain.bin": "no pointer\n", "t": "t\n",
        ]) { fixture, _ in
            var pointers: [String: LargeFilePointer] = [:]
            for (path, bytes) in Self.contents {
                pointers[path] = try keep(bytes, fixture)
                try fixture.write(
                    String(decoding: try #require(pointers[path]).text, as: UTF8.self), "\(fixture.origin)/\(path)")
            }
            try await fixture.git("add", "-A", in: fixture.origin)
            try await fixture.git("commit", "-q", "-m", "pointers", in: fixture.origin)
            try await body(fixture, try await fixture.fetch(), pointers)
        }
    }

    private func bytes(_ worktree: Worktree, _ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(worktree.path)/\(path)")))
    }

    @Test("checkouts write contents where that is wanted, else pointers, and git sees no difference")
    func checkout() async throws {
        try await with { fixture, base, pointers in
            let plain = try fixture.add("plain", base: base)
            #expect(try bytes(plain, "a.bin") == pointers["a.bin"]?.text)
            try fixture.hub.fillLargeFiles(false)
            #expect(fixture.hub.largeFiles == nil)
            try fixture.hub.fillLargeFiles(true)
            #expect(Set(try fixture.hub.largeFiles(in: base).map(\.path.description)) == Set(Self.contents.keys))
            let filled = try fixture.add("filled", base: base)
            for (path, content) in Self.contents { #expect(try bytes(filled, path) == content, "\(path)") }
            #expect(try bytes(filled, "empty.bin") == [] && bytes(filled, "plain.bin") == Array("no pointer\n".utf8))
            // No git-lfs is asked: the index says that nothing changed.
            #expect(try await fixture.status(filled) == "")
            #expect(try Status.dirtyPaths(filled) == [])
            #expect(try fixture.checkpoint(filled).commit == base)
            // One whose content is missing stays a pointer and is told.
            let lost = try #require(pointers["d/e/c.big"])
            let name = "\(fixture.hub.path)/lfs/objects/\(lost.hash.prefix(2))/\(lost.hash.dropFirst(2).prefix(2))"
            #expect(chmod("\(name)/\(lost.hash)", 0o644) == 0 && truncate("\(name)/\(lost.hash)", 5) == 0)
            var report = CheckoutReport()
            let half = try Worktree.add(
                hub: fixture.hub, name: "half", path: fixture.root + "/half", branch: "half", base: base,
                report: { report = $0 })
            #expect(report.unfiltered == ["lfs": [Array("d/e/c.big".utf8)]])
            #expect(try bytes(half, "d/e/c.big") == lost.text)
            try fixture.hub.fillLargeFiles(false)
            let off = try fixture.add("off", base: base)
            #expect(try bytes(off, "a.bin") == pointers["a.bin"]?.text)
            #expect(try await fixture.status(off) == "")
        }
    }

    @Test("commits get pointers for what changed and what is new, and a touched file has not changed")
    func commit() async throws {
        try await with { fixture, base, _ in
            try fixture.hub.fillLargeFiles(true)
            let worktree = try fixture.add(base: base)
            let now = timeval(tv_sec: 1_000_000_000, tv_usec: 0)
            #expect(utimes(worktree.path + "/d/b.bin", [now, now]) == 0)
            #expect(try Status.dirtyPaths(worktree) == [])
            #expect(try fixture.checkpoint(worktree).commit == base)
            let new = [UInt8](repeating: 7, count: 300_000)
            try Data(new).write(to: URL(fileURLWithPath: worktree.path + "/new.bin"))
            try fixture.write("changed\n", worktree.path + "/a.bin")
            try fixture.write("raw\n", worktree.path + "/t")
            #expect(try Status.dirtyPaths(worktree).map(\.description) == ["a.bin", "new.bin", "t"])
            let made = try fixture.checkpoint(worktree)
            let pointer = try #require(
                try fixture.hub.largeFiles(in: made.commit).first { $0.path.description == "new.bin" }?.pointer)
            #expect(pointer.size == new.count && fixture.hub.largeFileStore.has(pointer))
            let raw = try await fixture.git("show", "\(made.commit):t", in: fixture.hub.path)
            #expect(raw == "raw\n")
            let other = try fixture.add("two", base: made.commit)
            #expect(try bytes(other, "new.bin") == new && bytes(other, "a.bin") == Array("changed\n".utf8))
            // Back, and forth again: libgit2 writes pointers, which are filled.
            try worktree.rewind(from: made.commit, to: base, branch: "runner/one", tip: base)
            for (path, content) in Self.contents { #expect(try bytes(worktree, path) == content, "\(path)") }
            #expect(try Status.dirtyPaths(worktree) == [])
            #expect(try await fixture.status(worktree) == "")
            try worktree.rewind(from: base, to: made.commit, branch: "runner/one", tip: made.commit)
            #expect(try bytes(worktree, "new.bin") == new)
            #expect(try await fixture.status(worktree) == "")
            // Without the hub's word they are taken as they are.
            unlink(fixture.hub.path + "/runner.lfs")
            try fixture.write("raw\n", worktree.path + "/a.bin")
            let taken = try fixture.checkpoint(worktree)
            #expect(try await fixture.git("show", "\(taken.commit):a.bin", in: fixture.hub.path) == "raw\n")
        }
    }

    @Test("a spare that was made before the contents came, or while they were not wanted, is claimed as it should be")
    func spare() async throws {
        try await with { fixture, base, pointers in
            let folder = fixture.root + "/spares"
            let claim = { (name: String) in
                try Worktree.add(
                    hub: fixture.hub, name: name, path: "\(fixture.root)/\(name)", branch: name, base: base,
                    spares: folder)
            }
            let first = try Spare.make(hub: fixture.hub, folder: folder, commit: base)
            #expect(try bytes(first.worktree, "a.bin") == pointers["a.bin"]?.text)
            try fixture.hub.fillLargeFiles(true)
            let filled = try claim("filled")
            #expect(Spare.list(hub: fixture.hub, folder: folder).isEmpty)
            for (path, content) in Self.contents { #expect(try bytes(filled, path) == content, "\(path)") }
            #expect(try await fixture.status(filled) == "")
            let second = try Spare.make(hub: fixture.hub, folder: folder, commit: base)
            #expect(try bytes(second.worktree, "a.bin") == Self.contents["a.bin"])
            try fixture.hub.fillLargeFiles(false)
            let off = try claim("off")
            for (path, pointer) in pointers { #expect(try bytes(off, path) == pointer.text, "\(path)") }
            #expect(try await fixture.status(off) == "")
        }
    }

    @Test("a store takes only what has the name's hash, and keeps what it has")
    func store() async throws {
        try await GitFixture.withHub { fixture in
            let pointer = try keep(Array("content".utf8), fixture)
            let own = fixture.hub.largeFileStore
            let other = LargeFileStore(folder: fixture.root + "/other")
            #expect(try other.take(pointer, from: own))
            #expect(other.has(pointer))
            let wrong = LargeFilePointer(hash: Self.hash, size: 7)
            let place = "\(own.folder)/objects/0a/0a"
            try fixture.write("tricked", "\(place)/\(Self.hash)")
            #expect(own.has(wrong))
            #expect(try !other.take(wrong, from: own))
            #expect(!other.has(wrong))
            #expect(try FileManager.default.contentsOfDirectory(atPath: other.folder + "/tmp") == [])
        }
    }

    @Test("contents that no object points to go, and what any object points to stays, whoever wrote it")
    func prune() async throws {
        try await with { fixture, base, pointers in
            let (hub, store) = (fixture.hub, fixture.hub.largeFileStore)
            // A hub that was never told has nothing to look after.
            let orphan = try keep(Array("nobody's".utf8), fixture)
            #expect(try hub.pruneLargeFiles(age: 0) == 0 && store.has(orphan))
            try hub.fillLargeFiles(true)
            let named = try keep(Array("named by a loose blob".utf8), fixture)
            let extended = try keep(Array("a pointer with extensions".utf8), fixture)
            let extra = "ext-0-x sha256:\(Self.hash)\n"
            for (number, text) in [
                String(decoding: named.text, as: UTF8.self),
                "\(Self.version)\n\(extra)oid sha256:\(extended.hash)\nsize \(extended.size)\n",
            ].enumerated() {
                try fixture.write(text, "\(fixture.root)/pointer\(number)")
                try await fixture.git(
                    "hash-object", "--no-filters", "-w", "\(fixture.root)/pointer\(number)", in: hub.path)
            }
            #expect(try hub.pruneLargeFiles(age: 3_600) == 0)
            #expect(store.has(orphan))
            // As a run leaves it that was cut off half way.
            let first = try #require(pointers.values.first)
            try store.putAside(first.hash)
            #expect(!store.has(first))
            #expect(try hub.pruneLargeFiles(age: 0) == orphan.size)
            #expect(!store.has(orphan))
            for pointer in Array(pointers.values) + [named, extended] { #expect(store.has(pointer)) }
            #expect(try store.hashesAside.isEmpty)
            #expect(try hub.pruneLargeFiles(age: 0) == 0)
            // What is kept again is young again.
            let old = try keep(Array("old".utf8), fixture)
            let path = "\(store.folder)/objects/\(old.hash.prefix(2))/\(old.hash.dropFirst(2).prefix(2))/\(old.hash)"
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: path)
            _ = try keep(Array("old".utf8), fixture)
            #expect(try hub.pruneLargeFiles(age: 3_600) == 0 && store.has(old))
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: path)
            #expect(try hub.pruneLargeFiles(age: 3_600) == old.size && !store.has(old))
            _ = base
        }
    }
}
