import Foundation
import Git
import RunnerCore
import Testing

@testable import Engine

@Suite struct EnvironmentPlaceTests {
    private struct Fixture {
        let home: RunnerHome
        let hub: Hub
        let commit: ObjectID
        let repository = Repository(name: "repo", url: "/repo", identity: "path:/repo", host: "", owner: "")

        func free(_ title: String = "Fix the Bug", number: Int = 7) throws -> EnvironmentPlace {
            let task = TaskRecord(repositoryID: repository.id, number: number, title: title, prompt: title)
            return try EnvironmentPlace.free(for: task, repository: repository, hub: hub, home: home)
        }
    }

    private static func with(_ body: (ScratchFolder, Fixture) throws -> Void) async throws {
        try await ScratchFolder.with { folder in
            let hub = try Hub.create(at: folder.path + "/hubs/one.git")
            let who = Signature(name: "Ann", email: "ann@example.org", date: Date(), offsetMinutes: 0)
            let empty = try #require(ObjectID("4b825dc642cb6eb9a060e54bf8d69288fbee4904"))
            try folder.write("hubs/one.git/objects/keep")
            let commit = try hub.open().createCommit(
                tree: empty, parents: [], message: "first\n", author: who, committer: who)
            try body(folder, Fixture(home: RunnerHome(root: folder.path), hub: hub, commit: commit))
        }
    }

    @Test("a free name is the number and the title's words, in folder and branch alike")
    func plain() async throws {
        try await Self.with { folder, fixture in
            let place = try fixture.free()
            #expect(place.name == "7-fix-the-bug")
            #expect(place.branch == "runner/7-fix-the-bug")
            #expect(place.path == folder.path + "/worktrees/repo/7-fix-the-bug")
        }
    }

    @Test(
        "a title of any kind gives a valid branch",
        arguments: ["", "...", "../../etc", "修复", "-rf /", "a\nb\0c", String(repeating: "long ", count: 100)])
    func titles(title: String) async throws {
        try await Self.with { folder, fixture in
            let place = try fixture.free(title)
            #expect(BranchName.validate(place.branch) == nil)
            #expect(!place.name.contains("/") && place.name.hasPrefix("7-"))
            #expect(place.path == "\(folder.path)/worktrees/repo/\(place.name)")
        }
    }

    @Test("a branch, a branch of the origin, an administrative folder or a folder of that name is in the way")
    func collisions() async throws {
        try await Self.with { folder, fixture in
            let name = "7-fix-the-bug"
            try fixture.hub.open().setReference("refs/heads/runner/\(name)", to: fixture.commit)
            #expect(try fixture.free().name == name + "-2")
            try fixture.hub.open().setReference("refs/remotes/origin/runner/\(name)-2", to: fixture.commit)
            #expect(try fixture.free().name == name + "-3")
            try folder.makeFolder("hubs/one.git/worktrees/\(name)-3")
            #expect(try fixture.free().name == name + "-4")
            try folder.write("worktrees/repo/\(name)-4")
            let place = try fixture.free()
            #expect(place.name == name + "-5" && place.branch.hasSuffix("-5") && place.path.hasSuffix("-5"))
            #expect(try fixture.free(number: 8).name == "8-fix-the-bug")
        }
    }

    @Test("a dangling link in the folder's place is in the way too")
    func danglingLink() async throws {
        try await Self.with { folder, fixture in
            try folder.makeFolder("worktrees/repo")
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/worktrees/repo/7-fix-the-bug", withDestinationPath: folder.path + "/nowhere")
            #expect(try fixture.free().name == "7-fix-the-bug-2")
        }
    }

    @Test("a hundred taken names are an error, not an endless search")
    func exhausted() async throws {
        try await Self.with { folder, fixture in
            for number in 1...100 {
                try folder.makeFolder("worktrees/repo/7-fix-the-bug" + (number == 1 ? "" : "-\(number)"))
            }
            #expect((#expect(throws: EngineError.self) { try fixture.free() })?.code == .internalFault)
        }
    }
}
