import CPlatform
import Foundation
import TestSupport
import Testing

@testable import Git

@Suite struct CheckpointTests {
    @Test("changes, deletions and new files are recorded, ignored files are not, and nothing else is touched")
    func everything() async throws {
        let files = [".gitignore": "*.log\nbuild/\n", "a.txt": "one\n", "b.txt": "two\n", "kept.log": "x\n"]
        try await GitFixture.with(files: files) { fixture, _ in
            try await fixture.git("add", "-f", "kept.log", in: fixture.origin)
            try await fixture.git("commit", "-q", "--amend", "-m", "first", in: fixture.origin)
            let worktree = try fixture.add(base: try await fixture.fetch())
            try fixture.write("changed\n", worktree.path + "/a.txt")
            unlink(worktree.path + "/b.txt")
            try fixture.write("new\n", worktree.path + "/new/deep/c.txt")
            try fixture.write("noise\n", worktree.path + "/x.log")
            try fixture.write("noise\n", worktree.path + "/build/out")
            try fixture.write("kept\n", worktree.path + "/kept.log")
            try fixture.write("staged\n", worktree.path + "/staged.txt")
            try await fixture.git("add", "staged.txt", in: worktree.path)
            let before = try await fixture.status(worktree)
            let index = try Data(contentsOf: URL(filePath: worktree.adminPath + "/index"))

            let state = try fixture.checkpoint(worktree)
            #expect(
                try await fixture.names(state.tree)
                    == [".gitignore", "a.txt", "kept.log", "new/deep/c.txt", "staged.txt"])
            #expect(try await fixture.git("cat-file", "-p", "\(state.tree):kept.log", in: fixture.hub.path) == "kept\n")
            #expect(state.changed && state.skipped.isEmpty)
            #expect(try Data(contentsOf: URL(filePath: worktree.adminPath + "/index")) == index)
            #expect(try await fixture.status(worktree) == before)
            try await fixture.fsck()
        }
    }

    /// Paths whose kinds change with each other: `a` is a file, a folder or a link, `a-b` sorts between.
    private static let mixedPaths = ["a", "a/b", "a/b/c", "a-b", "a.d/x", "b/one", "b/two", "b/c/d", "c/x", "c/y", "z"]

    @Test("the tree of any change is git's own", arguments: 0..<12)
    func sameTree(seed: UInt64) async throws {
        let files = ["a/b/c": "1", "a-b": "1", "a.d/x": "1", "b/one": "1", "b/two": "1", "c/x": "1", "c/y": "1"]
        try await GitFixture.with(files: files) { fixture, base in
            let worktree = try fixture.add(base: base)
            var random = SeededGenerator(seed: seed)
            for round in 0..<3 {
                for _ in 0..<(1 + Int(random.next() % 6)) {
                    let path = "\(worktree.path)/\(try #require(Self.mixedPaths.randomElement(using: &random)))"
                    Directory.removeTree(path)
                    let folder = path.components(separatedBy: "/").dropLast().joined(separator: "/")
                    var kind = stat()
                    if lstat(folder, &kind) == 0, kind.st_mode & S_IFMT != S_IFDIR { unlink(folder) }
                    switch random.next() % 4 {
                    case 0: break
                    case 1:
                        try Directory.createParents(of: path)
                        symlink("target\(round)", path)
                    default: try? fixture.write("\(random.next())", path)
                    }
                }
                // What is staged counts no less than what is not.
                if random.next() % 3 == 0 { try await fixture.git("add", "-A", in: worktree.path) }
                let state = try fixture.checkpoint(worktree)
                try await fixture.git("add", "-A", in: worktree.path)
                let expected = try await fixture.git("write-tree", in: worktree.path).trimmed
                #expect(state.tree.hex == expected, "round \(round)")
                if random.next() % 2 == 0 { try await fixture.git("reset", "-q", in: worktree.path) }
            }
            try await fixture.fsck()
        }
    }

    @Test("an unchanged worktree needs no commit beside its HEAD")
    func unchanged() async throws {
        try await GitFixture.with { fixture, base in
            let state = try fixture.checkpoint(try fixture.add(base: base))
            #expect(!state.changed && state.commit == base)
            #expect(state.tree == (try fixture.hub.open().treeID(of: base)))
        }
    }

    @Test("a checkpoint keeps commits alive that its parent does not hold")
    func parents() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try fixture.write("changed\n", worktree.path + "/a.txt")
            let first = try fixture.checkpoint(worktree)
            #expect(try fixture.hub.open().record(first.commit).parents == [base])
            try await fixture.git("commit", "-q", "--allow-empty", "-m", "own", in: worktree.path)
            let head = try #require(try worktree.open().head().commit)
            let second = try fixture.checkpoint(worktree, parent: first.commit)
            #expect(try fixture.hub.open().record(second.commit).parents == [first.commit, head])
            let third = try fixture.checkpoint(worktree, parent: second.commit)
            #expect(third.commit == second.commit)
        }
    }

    @Test("a change that keeps size and time is seen")
    func sameSizeAndTime() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            let file = worktree.path + "/a.txt"
            var before = stat()
            lstat(file, &before)
            let handle = try FileHandle(forWritingTo: URL(filePath: file))
            try handle.write(contentsOf: Data("ONE\n".utf8))
            try handle.close()
            var times = [before.st_atim, before.st_mtim]
            utimensat(AT_FDCWD, file, &times, 0)
            #expect(try fixture.checkpoint(worktree).changed)
        }
    }

    @Test("odd names are recorded byte for byte")
    func oddNames() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            let names: [[UInt8]] = [
                Array("line\nfeed".utf8), [0xFF, 0xFE], Array(" lead".utf8), Array("trail ".utf8),
                Array("tab\there".utf8),
                Array("\"quote\"".utf8), Array("back\\slash".utf8), Array("*glob?[x]".utf8), Array("-dash".utf8),
                Array("ünïcode-👍".utf8), Array("!bang".utf8), Array("#hash".utf8), Array(":colon".utf8), [0x01],
            ]
            for name in names { try create(worktree.path, name) }
            let state = try fixture.checkpoint(worktree)
            #expect(state.skipped.isEmpty)
            let recorded = try Diff.between(try fixture.hub.open(), from: base, to: state.commit)
            #expect(Set(recorded.files.map(\.pathBytes)) == Set(names))
            _ = try fixture.commit(worktree)
            #expect(try await fixture.status(worktree) == "")
            try await fixture.fsck()
        }
    }

    @Test("links are recorded as links, whatever they point to")
    func links() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            for (name, target) in [
                ("dangling", "nowhere"), ("loop", "loop"), ("dirlink", "dir"), ("outside", "/etc/passwd"), ("up", ".."),
            ] {
                #expect(symlink(target, worktree.path + "/" + name) == 0)
            }
            let state = try fixture.checkpoint(worktree)
            let links = try await fixture.tree(state.tree).filter { $0.hasPrefix("120000") }
            #expect(links.count == 5 && state.skipped.isEmpty)
            #expect(
                try await fixture.git("cat-file", "-p", "\(state.tree):outside", in: fixture.hub.path) == "/etc/passwd")
            _ = try fixture.commit(worktree)
            #expect(try await fixture.status(worktree) == "")
        }
    }

    @Test("a file that becomes a folder, a folder that becomes a file, and a link in a folder's place")
    func replacements() async throws {
        try await GitFixture.with(files: ["a": "1", "d/x": "2", "d/y": "3", "e/z": "4", "m": "5"]) { fixture, base in
            let worktree = try fixture.add(base: base)
            unlink(worktree.path + "/a")
            try fixture.write("in", worktree.path + "/a/inner")
            Directory.removeTree(worktree.path + "/d")
            try fixture.write("file", worktree.path + "/d")
            Directory.removeTree(worktree.path + "/e")
            symlink("a", worktree.path + "/e")
            chmod(worktree.path + "/m", 0o755)
            mkdir(worktree.path + "/empty", 0o755)
            let state = try fixture.checkpoint(worktree)
            #expect(
                try await fixture.tree(state.tree).map { "\($0.prefix(6)) \($0.split(separator: "\t").last ?? "")" }
                    == ["100644 a/inner", "100644 d", "120000 e", "100755 m"])
            _ = try fixture.commit(worktree)
            #expect(try await fixture.status(worktree) == "")
            try await fixture.fsck()
        }
    }

    @Test("nested repositories, with commits and without, pipes and sockets are named and left out")
    func nestedAndSpecial() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            for name in ["empty", "full"] {
                try fixture.write("x", worktree.path + "/\(name)/file")
                try await fixture.git("init", "-q", in: worktree.path + "/" + name)
            }
            try await fixture.git("add", "-A", in: worktree.path + "/full")
            try await fixture.git("commit", "-q", "-m", "inner", in: worktree.path + "/full")
            #expect(mkfifo(worktree.path + "/pipe", 0o600) == 0)
            unlink(worktree.path + "/a.txt")
            #expect(mkfifo(worktree.path + "/a.txt", 0o600) == 0)
            try fixture.write("new", worktree.path + "/new")
            let state = try fixture.checkpoint(worktree)
            #expect(
                Set(state.skipped.map { "\($0)" }) == [
                    "empty (a Git repository of its own)", "full (a Git repository of its own)",
                    "pipe (not a regular file)", "a.txt (not a regular file)",
                ])
            #expect(try await fixture.names(state.tree) == ["dir/b.txt", "dir/c.sh", "new"])
            #expect(try fixture.commit(worktree).skipped.count == 4)
            try await fixture.fsck()
        }
    }

    @Test("tracked files in a folder that became a repository of its own are still followed")
    func repositoryOverTracked() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try await fixture.git("init", "-q", in: worktree.path + "/dir")
            try fixture.write("changed\n", worktree.path + "/dir/b.txt")
            let state = try fixture.checkpoint(worktree)
            #expect(state.changed && state.skipped.isEmpty)
            #expect(try await fixture.names(state.tree) == ["a.txt", "dir/b.txt", "dir/c.sh"])
        }
    }

    @Test("a look-alike of .git in the worktree is named and left out")
    func unsafeName() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try fixture.write("x", worktree.path + "/.g\u{200C}it/config")
            try fixture.write("x", worktree.path + "/git~1")
            let state = try fixture.checkpoint(worktree)
            #expect(!state.changed)
            #expect(state.skipped.map(\.reason) == [.unsafeName, .unsafeName])
        }
    }

    @Test("files that may not be read keep what was known of them", .enabled(if: geteuid() != 0))
    func unreadable() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try fixture.write("secret", worktree.path + "/new")
            try fixture.write("changed\n", worktree.path + "/a.txt")
            for name in ["new", "a.txt", "dir"] { chmod(worktree.path + "/" + name, 0) }
            defer { chmod(worktree.path + "/dir", 0o755) }
            let state = try fixture.checkpoint(worktree)
            #expect(Set(state.skipped.map { "\($0.path)" }) == ["new", "a.txt", "dir"])
            #expect(!state.changed)
        }
    }

    @Test("a file above the limit is named and left out, and a big one below it is recorded")
    func huge() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            for (name, size) in [("huge", 3 << 30), ("big", 40 << 20)] {
                try fixture.write("", worktree.path + "/" + name)
                #expect(truncate(worktree.path + "/" + name, off_t(size)) == 0)
            }
            let state = try fixture.checkpoint(worktree)
            #expect(state.skipped.map(\.reason) == [.tooLarge(3 << 30)])
            #expect(try await fixture.names(state.tree).contains("big"))
        }
    }

    @Test("a path too long for Git is named and left out")
    func tooLong() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            var directory = runner_open(worktree.path, O_RDONLY | O_DIRECTORY, 0)
            let name = String(repeating: "d", count: 200)
            for _ in 0..<25 {
                mkdirat(directory, name, 0o755)
                let next = runner_openat(directory, name, O_RDONLY | O_DIRECTORY, 0)
                close(directory)
                directory = next
            }
            close(runner_openat(directory, "file", O_CREAT | O_WRONLY, 0o644))
            close(directory)
            let state = try fixture.checkpoint(worktree)
            #expect(state.skipped.count == 1 && !state.changed)
        }
    }

    @Test("a broken, empty or missing index is rebuilt from HEAD", arguments: ["garbage", "", nil])
    func brokenIndex(content: String?) async throws {
        try await GitFixture.with(files: [".gitignore": "*.log\n", "a.txt": "1", "k.log": "2"]) { fixture, _ in
            try await fixture.git("add", "-f", "k.log", in: fixture.origin)
            try await fixture.git("commit", "-q", "-m", "second", in: fixture.origin)
            let worktree = try fixture.add(base: try await fixture.fetch())
            unlink(worktree.adminPath + "/index")
            if let content { try fixture.write(content, worktree.adminPath + "/index") }
            #expect(try !fixture.checkpoint(worktree).changed)
            try fixture.write("new", worktree.path + "/b.txt")
            let state = try fixture.checkpoint(worktree)
            #expect(try await fixture.names(state.tree) == [".gitignore", "a.txt", "b.txt", "k.log"])
            #expect(try fixture.commit(worktree).isIndexRefreshed)
            #expect(try await fixture.status(worktree) == "")
        }
    }

    @Test("conflicted paths are recorded as they stand on disk")
    func conflict() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try await fixture.inConflict(base: base)
            let state = try fixture.checkpoint(worktree)
            let text = try await fixture.git("cat-file", "-p", "\(state.tree):a.txt", in: fixture.hub.path)
            #expect(text.contains("<<<<<<<"))
            #expect(try await fixture.status(worktree).hasPrefix("UU a.txt"))
        }
    }

    @Test("files that a sparse checkout leaves out are no deletions")
    func sparse() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try await fixture.git("sparse-checkout", "set", "--no-cone", "/a.txt", in: worktree.path)
            #expect(!fixture.exists(worktree.path + "/dir/b.txt"))
            #expect(try !fixture.checkpoint(worktree).changed)
            try fixture.write("changed\n", worktree.path + "/a.txt")
            _ = try fixture.commit(worktree)
            #expect(try await fixture.status(worktree) == "")
            _ = try fixture.add("two", base: base)
        }
    }

    @Test("line endings are recorded as git would")
    func attributes() async throws {
        try await GitFixture.with(files: [".gitattributes": "* text=auto\n", "a.txt": "1\n"]) { fixture, base in
            let worktree = try fixture.add(base: base)
            try fixture.write("1\r\n2\r\n", worktree.path + "/a.txt")
            _ = try fixture.commit(worktree)
            #expect(try await fixture.status(worktree) == "")
            #expect(try await fixture.git("cat-file", "-p", "runner/one:a.txt", in: fixture.hub.path) == "1\n2\n")
        }
    }

    private func create(_ directory: String, _ name: [UInt8]) throws {
        let path = Array(directory.utf8) + [BytePath.slash] + name
        let descriptor = withCName(path) { runner_open($0, O_CREAT | O_WRONLY, 0o644) }
        try #require(descriptor >= 0)
        write(descriptor, "text\n", 5)
        close(descriptor)
    }
}
