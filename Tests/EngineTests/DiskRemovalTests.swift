import CPlatform
import Foundation
import Git
import Glibc
import Testing

@testable import Engine

@Suite struct DiskRemovalTests {
    private func remove(_ name: String, _ fixture: DiskFixture, as identity: DirectoryIdentity? = nil) throws {
        let path = "\(fixture.root)/\(name)"
        let expected = try identity ?? DirectoryIdentity(of: path)
        try DirectoryRemoval.remove(path, expected: expected, beneath: fixture.state)
    }

    @Test("a tree goes whole, and what its links point to stays")
    func whole() async throws {
        try await DiskFixture.with { fixture in
            symlink(fixture.root + "/outside", fixture.state + "/trees/one/link")
            symlink("../../../outside", fixture.state + "/trees/one/inner/link")
            mkfifo(fixture.state + "/trees/one/pipe", 0o600)
            let name = [UInt8]((fixture.state + "/trees/one/").utf8) + [0xFF, 0x0A]
            close(withCName(name) { runner_open($0, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600) })
            try remove("state/trees/one", fixture)
            #expect(!fixture.exists("state/trees/one"))
            #expect(fixture.exists("state/trees"))
            #expect(fixture.outsideIsWhole)
        }
    }

    @Test("a directory deeper than a path may be long goes")
    func deep() async throws {
        try await DiskFixture.with { fixture in
            var folder = runner_open(fixture.state + "/trees/one", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
            for _ in 0..<3000 {
                mkdirat(folder, "level", 0o755)
                let next = runner_openat(folder, "level", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
                close(folder)
                folder = next
            }
            close(folder)
            try remove("state/trees/one", fixture)
            #expect(!fixture.exists("state/trees/one"))
        }
    }

    @Test("read-only directories of ours go")
    func readOnly() async throws {
        try await DiskFixture.with { fixture in
            chmod(fixture.state + "/trees/one/inner/deeper", 0)
            chmod(fixture.state + "/trees/one/inner", 0o555)
            try remove("state/trees/one", fixture)
            #expect(!fixture.exists("state/trees/one"))
        }
    }

    @Test("another directory in the recorded one's place is not touched")
    func replaced() async throws {
        try await DiskFixture.with { fixture in
            let recorded = try DirectoryIdentity(of: fixture.state + "/trees/one")
            rename(fixture.state + "/trees/one", fixture.state + "/trees/moved")
            try fixture.fill("state/trees/one")
            let error = #expect(throws: GitError.self) { try remove("state/trees/one", fixture, as: recorded) }
            #expect(error?.description.contains("another directory is in its place") == true)
            #expect(fixture.exists("state/trees/one/inner/b.txt"))
        }
    }

    @Test("control: without the recorded identity the other directory goes")
    func replacedWithoutGuard() async throws {
        try await DiskFixture.with { fixture in
            rename(fixture.state + "/trees/one", fixture.state + "/trees/moved")
            try fixture.fill("state/trees/one")
            let parent = try DirectoryHandle.open(fixture.state + "/trees")
            try TreeRemoval.remove(Array("one".utf8), in: parent, expected: nil)
            #expect(!fixture.exists("state/trees/one"))
        }
    }

    @Test("a link in the place of the directory, or on the way to it, stops the removal")
    func swappedForLink() async throws {
        try await DiskFixture.with { fixture in
            let outside = try DirectoryIdentity(of: fixture.root + "/outside")
            symlink(fixture.root + "/outside", fixture.state + "/trees/swapped")
            #expect(throws: GitError.self) { try remove("state/trees/swapped", fixture, as: outside) }
            symlink(fixture.root, fixture.state + "/way")
            #expect(throws: GitError.self) { try remove("state/way/outside", fixture, as: outside) }
            #expect(fixture.outsideIsWhole)
        }
    }

    @Test(
        "a path that leaves the root stops the removal",
        arguments: ["state/../outside", "outside", "state", "state/trees/../../outside", "state-of-another"])
    func leaves(name: String) async throws {
        try await DiskFixture.with { fixture in
            try fixture.fill("state-of-another")
            let identity = try DirectoryIdentity(of: "\(fixture.root)/\(name)")
            #expect(throws: GitError.self) { try remove(name, fixture, as: identity) }
            #expect(fixture.outsideIsWhole)
            #expect(fixture.exists("state/trees/one/a.txt"))
            #expect(fixture.exists("state-of-another/a.txt"))
        }
    }

    @Test("an interrupted removal is finished by the next one, and one that is done is no error")
    func resumes() async throws {
        try await DiskFixture.with { fixture in
            let recorded = try DirectoryIdentity(of: fixture.state + "/trees/one")
            unlink(fixture.state + "/trees/one/inner/deeper/c.txt")
            rmdir(fixture.state + "/trees/one/inner/deeper")
            try remove("state/trees/one", fixture, as: recorded)
            try remove("state/trees/one", fixture, as: recorded)
            #expect(!fixture.exists("state/trees/one"))
        }
    }

    @Test("folders swapped for links all the time lead a removal nowhere else", .timeLimit(.minutes(1)))
    func racing() async throws {
        try await DiskFixture.with { fixture in
            let victim = fixture.state + "/trees/race"
            let outside = fixture.root + "/outside"
            for _ in 0..<20 {
                for number in 0..<60 { try fixture.fill("state/trees/race/\(number)") }
                let identity = try DirectoryIdentity(of: victim)
                let swapper = Thread {
                    for number in (0..<60).reversed() {
                        rename("\(victim)/\(number)", "\(victim)-\(number)")
                        symlink(outside, "\(victim)/\(number)")
                    }
                    Thread.current.threadDictionary["done"] = true
                }
                swapper.start()
                try? DirectoryRemoval.remove(victim, expected: identity, beneath: fixture.state)
                while !swapper.isFinished { sched_yield() }
                #expect(fixture.outsideIsWhole)
                let trees = try DirectoryHandle.open(fixture.state + "/trees")
                for name in try trees.names() where name.starts(with: Array("race".utf8)) {
                    try TreeRemoval.remove(name, in: trees, expected: nil)
                }
            }
        }
    }

    @Test(
        "a mount inside stays untouched and is named",
        .enabled(if: DiskFixture.canMount, "mounting is not allowed here"))
    func mountInside() async throws {
        try await DiskFixture.with { fixture in
            let point = fixture.state + "/trees/one/inner/mounted"
            mkdir(point, 0o755)
            try #require(mount(fixture.root + "/outside", point, nil, UInt(MS_BIND), nil) == 0)
            defer { umount2(point, 2) }
            let error = #expect(throws: GitError.self) { try remove("state/trees/one", fixture) }
            #expect(error?.description.contains("another file system is mounted") == true)
            #expect(fixture.outsideIsWhole)
        }
    }
}
