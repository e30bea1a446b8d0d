import Foundation
import Testing

@testable import Git

/// A figure and a guard: run by bench/merged with RUNNER_BENCHMARK=1.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["RUNNER_BENCHMARK"] != nil))
struct MergedBenchmarkTests {
    /// A third of the branches squashed, picked and left alone each, as input of `git fast-import`.
    private static func history(branches: Int) -> String {
        var text = ""
        var mark = 0
        func commit(_ ref: String, from: String?, _ file: String, _ body: String) -> Int {
            mark += 1
            text += "commit \(ref)\nmark :\(mark)\ncommitter B <b@e> \(1_700_000_000 + mark) +0000\ndata 1\nx\n"
            if let from { text += "from \(from)\n" }
            text += "M 100644 inline \(file)\ndata \(body.utf8.count)\n\(body)\n"
            return mark
        }
        func body(_ number: Int, _ lines: Int) -> String {
            (0..<lines).map { "line \($0) of \(number)\n" }.joined()
        }
        var main = commit("refs/heads/main", from: nil, "base.txt", "base\n")
        for number in 0..<branches {
            let (ref, file) = ("refs/heads/b\(number)", "src/d\(number % 40)/f\(number).txt")
            let first = commit(ref, from: ":\(main)", file, body(number, 20))
            _ = commit(ref, from: ":\(first)", file, body(number, 40))
            main = commit("refs/heads/main", from: ":\(main)", "base.txt", "base \(number)\n")
            if number % 3 == 0 { main = commit("refs/heads/main", from: ":\(main)", file, body(number, 40)) }
            if number % 3 == 1 {
                main = commit("refs/heads/main", from: ":\(main)", file, body(number, 20))
                main = commit("refs/heads/main", from: ":\(main)", file, body(number, 40))
            }
        }
        return text + "done\n"
    }

    @Test("1,000 squashed, picked and open branches are told apart in at most 2 s")
    func thousand() async throws {
        try await GitFixture.with { fixture, _ in
            try await fixture.git(
                "fast-import", "--quiet", "--force", "--done", in: fixture.origin,
                input: Self.history(branches: 1_000))
            let target = try await fixture.fetch()
            let git = try fixture.hub.open()
            let tips = try git.references(matching: "refs/remotes/origin/b*")
            #expect(tips.count == 1_000)
            let clock = ContinuousClock()
            var counts = [0, 0, 0]
            let spent = try clock.measure {
                let search = try MergedSearch(hub: fixture.hub, target: target)
                for (_, tip) in tips {
                    switch try search.evidence(for: tip) {
                    case .some(.squashed): counts[0] += 1
                    case .some(.picked): counts[1] += 1
                    default: counts[2] += 1
                    }
                }
            }
            #expect(counts == [334, 333, 333])
            let cherry = try await clock.measure {
                for (name, _) in tips.prefix(20) {
                    try await fixture.git("cherry", target.hex, name, in: fixture.hub.path)
                }
            }
            print("merged: 1000 branches in \(spent); git cherry takes \(cherry * 50) for as many")
            #expect(spent < .seconds(2))
        }
    }
}
