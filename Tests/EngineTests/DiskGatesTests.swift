import CPlatform
import Foundation
import Git
import Glibc
import Testing

@testable import Engine

@Suite struct DiskGatesTests {
    /// The gates that refuse once no child of another test, just forked, holds copies of our descriptors any more.
    private func gates(_ worktree: Worktree, _ fixture: DiskFixture, _ identity: DirectoryIdentity) -> Set<String> {
        settled({ !$0.contains("process") }) {
            Set(Gates.check(worktree, beneath: fixture.state, expected: identity).map(\.gate.rawValue))
        }
    }

    private func isQuiet(_ path: String) throws -> Bool {
        try settled(\.self) { try ProcessScan.insidePaths(path).allSatisfy { $0.hold == .unknown } }
    }

    /// Asks until `isGood`, for at most five seconds.
    private func settled<R>(_ isGood: (R) -> Bool, _ ask: () throws -> R) rethrows -> R {
        let deadline = ContinuousClock.now + .seconds(5)
        var answer = try ask()
        while !isGood(answer), ContinuousClock.now < deadline {
            usleep(2000)
            answer = try ask()
        }
        return answer
    }

    @Test("a quiet worktree passes every gate")
    func quiet() async throws {
        try await DiskFixture.with { fixture in
            let worktree = try fixture.worktree()
            let identity = try DirectoryIdentity(of: worktree.path)
            let refusals = { Gates.check(worktree, beneath: fixture.state, expected: identity).map(\.sentence) }
            #expect(gates(worktree, fixture, identity) == [], "\(refusals())")
        }
    }

    @Test("a replaced directory, a link in its place, a missing one and a changed link file are refused")
    func replaced() async throws {
        try await DiskFixture.with { fixture in
            let worktree = try fixture.worktree()
            let identity = try DirectoryIdentity(of: worktree.path)
            try fixture.write("state/trees/real/.git", "gitdir: /somewhere/else\n")
            #expect(gates(worktree, fixture, identity) == ["link"])
            rename(worktree.path, worktree.path + "-moved")
            #expect(gates(worktree, fixture, identity) == ["place"])
            symlink(worktree.path + "-moved", worktree.path)
            #expect(gates(worktree, fixture, identity) == ["place"])
            unlink(worktree.path)
            mkdir(worktree.path, 0o755)
            #expect(gates(worktree, fixture, identity) == ["identity", "link"])
        }
    }

    @Test("a directory outside the state folder is refused")
    func outside() async throws {
        try await DiskFixture.with { fixture in
            let worktree = try fixture.worktree()
            let identity = try DirectoryIdentity(of: worktree.path)
            let refusals = Gates.check(worktree, beneath: fixture.root + "/outside", expected: identity)
            #expect(refusals.map(\.gate) == [.place])
        }
    }

    @Test(
        "a process inside is named, whatever it holds",
        arguments: [
            ("cd \"$1\" && echo ready && read line", ProcessInside.Hold.workingDirectory),
            ("exec 7<\"$1/a.txt\"; echo ready; read line", .file),
            ("cp /bin/sh \"$1/program\"; exec \"$1/program\" -c 'echo ready; read line'", .executable),
        ])
    func process(script: String, hold: ProcessInside.Hold) async throws {
        try await DiskFixture.with { fixture in
            let worktree = try fixture.worktree()
            let path = worktree.path
            #expect(try isQuiet(path))
            let found = try await whileRunning(script, path) { try ProcessScan.insidePaths(path) }
            #expect(found.contains { $0.hold == hold && $0.isOwn })
            #expect(try isQuiet(path))
            let refusals = try await whileRunning(script, path) {
                Gates.check(worktree, beneath: fixture.state, expected: try DirectoryIdentity(of: path))
            }
            #expect(refusals.contains { $0.gate == .process && $0.sentence.contains(hold.rawValue) })
        }
    }

    @Test("a process in a neighbour whose name only begins alike does not count")
    func neighbour() async throws {
        try await DiskFixture.with { fixture in
            let worktree = try fixture.worktree()
            try fixture.fill("state/trees/real-2")
            let found = try await whileRunning("cd \"$1-2\" && echo ready && read line", worktree.path) {
                try ProcessScan.insidePaths(worktree.path)
            }
            // A process that another test is just starting may still have this one's open files.
            #expect(!found.contains { $0.hold == .workingDirectory }, "\(found)")
        }
    }

    @Test("a mount inside is refused", .enabled(if: DiskFixture.canMount, "mounting is not allowed here"))
    func mounted() async throws {
        try await DiskFixture.with { fixture in
            let worktree = try fixture.worktree()
            let identity = try DirectoryIdentity(of: worktree.path)
            let point = worktree.path + "/with space"
            mkdir(point, 0o755)
            try #require(mount(fixture.root + "/outside", point, nil, UInt(MS_BIND), nil) == 0)
            defer { umount2(point, 2) }
            #expect(gates(worktree, fixture, identity).contains("mount"))
        }
    }

    @Test(
        "a process that sees the directory under another name is found",
        .enabled(if: DiskFixture.canMount, "mounting is not allowed here"),
        .enabled(if: DiskFixture.rootIsMount, "a namespace cannot be made private below a chroot"))
    func otherNamespace() async throws {
        try await DiskFixture.with { fixture in
            let worktree = try fixture.worktree()
            let script = """
                exec unshare --mount --propagation private sh -c '
                    mount --bind "$1" /mnt && cd /mnt/inner 
                    echo ready; read line' sh "$1"
                """
            let found = try await whileRunning(script, worktree.path) { try ProcessScan.insidePaths(worktree.path) }
            #expect(found.contains { $0.hold == .workingDirectory })
        }
    }
}
