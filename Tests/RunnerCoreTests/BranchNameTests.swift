import Foundation
import RunnerCore
import TestSupport
import Testing

@Suite struct BranchNameTests {
    static let good = [
        "main", "feature/login", "runner/12-fix-it", "release-1.2", "a@b", "fix/#123", "über/straße", "日本", "a/b/c",
        "user+x", "50%", "x=y", "under_score", "HEADS", "a.b", "1", "feature/HEAD", "git",
    ]

    static let bad = [
        "", "-", "-x", "--upload-pack=x", "a..b", "..", ".", "a/..", "../a", "a/./b", ".a", "a/.b", "a.", "a./b", "@",
        "a@{1}", "@{-1}", "a~1", "a^", "a:b", "a?", "a*", "[a", "a\\b", "a b", " a", "a ", "a\tb", "a\nb", "a\0",
        "a\u{7F}",
        "a\u{1B}[31m", "/a", "a/", "a//b", "a.lock", "a.lock/b", "a.LOCK", "a/-x", "$(id)", "a`id`", "a;id", "a|b",
        "a&b",
        "a<b", "a>b", "a\"b", "a'b", "a{b", "a\u{202E}b", "a\u{200B}b", "a\u{FEFF}", "a\u{A0}b", "a\u{2028}b",
        "a\u{85}b",
        "a/\u{301}/../b", "-\u{301}x", "a\u{E000}", "\u{115F}",
    ]

    @Test("good names pass", arguments: good)
    func passes(_ name: String) {
        #expect(BranchName.validate(name) == nil)
    }

    @Test("hostile names are refused in a sentence that does not repeat them", arguments: bad)
    func refuses(_ name: String) throws {
        let reason = try #require(BranchName.validate(name))
        #expect(reason.hasPrefix("the branch or tag name ") && reason.contains(";"))
        #expect(name.utf8.count < 5 || !reason.contains(name))
    }

    @Test(
        "names with a meaning of their own are no branches",
        arguments: ["HEAD", "head", "FETCH_HEAD", "refs/heads/x", String(repeating: "0a", count: 20)])
    func reserved(_ name: String) {
        #expect(BranchName.validate(name) != nil)
        #expect(RevisionName.validate(name) == nil)
    }

    @Test func `lengths that no file name can hold are refused`() {
        #expect(BranchName.validate(String(repeating: "a", count: 250)) == nil)
        #expect(BranchName.validate(String(repeating: "a", count: 251)) != nil)
        #expect(BranchName.validate(String(repeating: "a/", count: 500) + "b") != nil)
    }

    /// Whatever passes here must pass there; `a.LOCK` and the like are refused by us alone.
    @Test("git accepts every name that passes")
    func git() throws {
        var generator = SeededGenerator(seed: 11)
        let alphabet = Array("ab/.-@{~^:?*[\\ ~_#%\u{E9}l".unicodeScalars)
        let random = (0..<400).map { _ in
            String(String.UnicodeScalarView((0..<4).compactMap { _ in alphabet.randomElement(using: &generator) }))
        }
        let passing = Set((Self.good + random).filter { BranchName.validate($0) == nil })
        #expect(passing.count > 30)
        for name in passing {
            #expect(try gitAccepts(name), "\(name)")
        }
        // The control: git's word is really asked for.
        #expect(try !gitAccepts("a..b"))
    }

    private func gitAccepts(_ name: String) throws -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["git", "check-ref-format", "--branch", name]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
