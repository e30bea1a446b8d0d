import Foundation
import Glibc
import Testing

@testable import Engine

@Suite struct DiskTrashTests {
    @Test("a directory moves with everything, and back again")
    func moves() async throws {
        try await DiskFixture.with { fixture in
            let (from, to) = (fixture.state + "/trees/one", fixture.state + "/trash-one")
            let identity = try DirectoryIdentity(of: from)
            try Trash.move(from: from, to: to, expected: identity)
            #expect(!fixture.exists("state/trees/one"))
            #expect(fixture.exists("state/trash-one/inner/deeper/c.txt"))
            try Trash.move(from: to, to: from, expected: identity)
            #expect(fixture.exists("state/trees/one/a.txt"))
        }
    }

    @Test("nothing that is there is ever replaced, not even an empty folder")
    func replacesNothing() async throws {
        try await DiskFixture.with { fixture in
            mkdir(fixture.state + "/taken", 0o755)
            let error = #expect(throws: DiskError.self) {
                try Trash.move(from: fixture.state + "/trees/one", to: fixture.state + "/taken")
            }
            #expect(error?.errno == EEXIST)
            #expect(fixture.exists("state/trees/one/a.txt"))
        }
    }

    @Test("another directory than the recorded one is moved back")
    func replaced() async throws {
        try await DiskFixture.with { fixture in
            let recorded = try DirectoryIdentity(of: fixture.root + "/outside")
            let error = #expect(throws: DiskError.self) {
                try Trash.move(
                    from: fixture.state + "/trees/one", to: fixture.state + "/gone", expected: recorded)
            }
            #expect(error?.errno == ESTALE)
            #expect(fixture.exists("state/trees/one/a.txt"))
            #expect(!fixture.exists("state/gone"))
        }
    }

    @Test("another file system is an error, not a copy")
    func otherFileSystem() async throws {
        try await DiskFixture.with { fixture in
            let here = try DirectoryIdentity(of: fixture.root)
            guard let there = try? DirectoryIdentity(of: "/dev/shm"), there.device != here.device else { return }
            let target = "/dev/shm/runner-disk-\(getpid())"
            let error = #expect(throws: DiskError.self) {
                try Trash.move(from: fixture.state + "/trees/one", to: target)
            }
            #expect(error?.errno == EXDEV)
            #expect(fixture.exists("state/trees/one/a.txt"))
        }
    }

    @Test("the free space of a file system is a plausible figure, and of nothing an error")
    func space() throws {
        #expect(try DiskSpace.available("/tmp") > 0)
        #expect(throws: DiskError.self) { try DiskSpace.available("/no/such/place") }
    }
}
