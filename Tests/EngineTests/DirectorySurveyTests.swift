import Foundation
import Git
import Glibc
import Subprocess
import Testing

@testable import Engine

@Suite struct DirectorySurveyTests {
    @Test("only folders with a file beside them that makes them again are derived, with all that is in them")
    func derived() async throws {
        try await DiskFixture.with { fixture in
            let tree = "state/trees/one"
            let text = String(repeating: "x", count: 20_000)
            try fixture.write("\(tree)/web/package.json")
            try fixture.write("\(tree)/web/node_modules/a/index.js", text)
            try fixture.write("\(tree)/web/node_modules/a/node_modules/b/index.js", text)
            try fixture.write("\(tree)/plain/node_modules/index.js", text)
            try fixture.write("\(tree)/target/debug/x", text)
            let survey = try DirectorySurvey(of: fixture.root + "/" + tree)
            #expect(survey.derived.map(\.path.description) == ["web/node_modules"])
            #expect(survey.derived.first?.recipe == "package.json")
            #expect((survey.derived.first?.bytes ?? 0) >= 40_000)
            #expect(survey.bytes >= 80_000)
        }
    }

    @Test("a file with two names is counted once, a link is not followed, and the newest change is found")
    func countsOnce() async throws {
        try await DiskFixture.with { fixture in
            let path = fixture.state + "/trees/one"
            try fixture.write("state/trees/one/big", String(repeating: "x", count: 400_000))
            let before = try DirectorySurvey(of: path).bytes
            link(path + "/big", path + "/again")
            symlink(fixture.root + "/outside", path + "/out")
            let after = try DirectorySurvey(of: path)
            #expect(after.bytes - before < 20_000)
            let start = Date() - 0.05
            try fixture.write("state/trees/one/inner/now.txt")
            let changed = try #require(try DirectorySurvey(of: path).newestChange)
            #expect(changed.moment >= start)
        }
    }

    @Test("swap and lock files of editors are seen, other hidden files are not")
    func editors() async throws {
        try await DiskFixture.with { fixture in
            let path = fixture.state + "/trees/one"
            try fixture.write("state/trees/one/.hidden")
            #expect(try DirectorySurvey(of: path).editorFile == nil)
            try fixture.write("state/trees/one/inner/.b.txt.swp")
            #expect(try DirectorySurvey(of: path).editorFile?.description == "inner/.b.txt.swp")
        }
    }

    /// Whether this process may set the flag: root in a container often may not.
    private static func setImmutable(_ path: String, _ isOn: Bool) async -> Bool {
        let result = try? await run(
            .name("chattr"), arguments: [isOn ? "+i" : "-i", path], output: .discarded, error: .discarded)
        return result?.terminationStatus.isSuccess == true
    }

    @Test("an immutable file is refused by its gate; without the gate the deletion could never be finished")
    func immutable() async throws {
        try await DiskFixture.with { fixture in
            let worktree = try fixture.worktree()
            let identity = try DirectoryIdentity(of: worktree.path)
            let file = worktree.path + "/inner/b.txt"
            guard await Self.setImmutable(file, true) else { return }
            let deep = Gates.check(worktree, beneath: fixture.state, expected: identity).filter {
                $0.gate == .immutable
            }
            let shallow = Gates.check(worktree, beneath: fixture.state, expected: identity, deep: false)
            let harm = #expect(throws: GitError.self) {
                try DirectoryRemoval.remove(worktree.path, expected: identity, beneath: fixture.state)
            }
            let isLeft = fixture.exists("state/trees/real/inner/b.txt")
            _ = await Self.setImmutable(file, false)
            #expect(deep.count == 1 && deep[0].sentence.contains("inner/b.txt"))
            #expect(shallow.allSatisfy { $0.gate != .immutable })
            #expect(harm != nil && isLeft)
        }
    }

    @Test("a replaced directory is moved only with the guard off")
    func replacedDirectory() async throws {
        try await DiskFixture.with { fixture in
            let (place, trash) = (fixture.state + "/trees/one", fixture.state + "/trash")
            let recorded = try DirectoryIdentity(of: place)
            rename(place, place + "-moved")
            try fixture.write("state/trees/one/other-work.txt")
            #expect(throws: DiskError.self) { try Trash.move(from: place, to: trash, expected: recorded) }
            #expect(fixture.exists("state/trees/one/other-work.txt"))
            // The control: without the recorded identity somebody else's work goes to the trash.
            try Trash.move(from: place, to: trash)
            #expect(!fixture.exists("state/trees/one/other-work.txt"))
        }
    }

    @Test("names in the trash say when their snapshot was proved; nothing else is taken for one")
    func trashNames() {
        let proven = Date(timeIntervalSince1970: 1_700_000_000.25)
        let path = TrashItem.path(in: "/t", name: "3-fix.it", provenAt: proven)
        #expect(path == "/t/3-fix.it.1700000000250.trash")
        let item = TrashItem(name: "3-fix.it.1700000000250.trash")
        #expect(item?.provenAt == proven && item?.isGone == false)
        #expect(TrashItem(name: "3-fix.it.1700000000250.trash.gone")?.isGone == true)
        #expect(TrashItem(name: "3-fix.1700000000.worktree")?.provenAt == Date(timeIntervalSince1970: 1_700_000_000))
        for name in [".lock", "x.trash", "x.y.trash", "a.1.b", ".gone", ""] { #expect(TrashItem(name: name) == nil) }
    }
}
