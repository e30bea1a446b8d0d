import Foundation
import Testing

@testable import Git

/// Figures, not guards: run with RUNNER_BENCHMARK=1 in a release build.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["RUNNER_BENCHMARK"] != nil))
struct WorktreeBenchmarkTests {
    @Test("a worktree and a checkpoint against git's own, interleaved, on 5,000 files")
    func ratios() async throws {
        var files: [String: String] = [:]
        for number in 0..<5_000 {
            let text = (0..<(10 + number % 200)).map { "line \($0) of file \(number)\n" }.joined()
            files["d\(number % 50)/e\(number % 7)/file\(number).txt"] = text
        }
        try await GitFixture.with(files: files) { fixture, base in
            var (creations, ofGit, checkpoints, commitsOfGit): ([Double], [Double], [Double], [Double]) = (
                [], [], [], []
            )
            for round in 0..<7 {
                let path = "\(fixture.root)/git\(round)"
                ofGit.append(
                    try await seconds {
                        try await fixture.git(
                            "worktree", "add", "-q", "-b", "g\(round)", path, base.hex, in: fixture.hub.path)
                    })
                creations.append(try await seconds { _ = try fixture.add("r\(round)", base: base) })
                let ours = "\(fixture.root)/worktrees/r\(round)"
                for directory in [path, ours] {
                    for number in 0..<20 {
                        try fixture.write("\(round)", "\(directory)/d\(number)/e\(number % 7)/file\(number).txt")
                    }
                }
                let worktree = Worktree(hub: fixture.hub, name: "r\(round)", path: ours)
                checkpoints.append(try await seconds { _ = try fixture.checkpoint(worktree) })
                commitsOfGit.append(
                    try await seconds {
                        try await fixture.git("add", "-A", in: path)
                        try await fixture.git("commit", "-q", "-m", "x", in: path)
                    })
            }
            report("worktree add", creations, ofGit)
            report("checkpoint", checkpoints, commitsOfGit)
        }
    }

    private func seconds(_ body: () async throws -> Void) async throws -> Double {
        let start = ContinuousClock.now
        try await body()
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private func report(_ name: String, _ ours: [Double], _ theirs: [Double]) {
        let (mine, other) = (ours.sorted()[ours.count / 2], theirs.sorted()[theirs.count / 2])
        let milliseconds = { (value: Double) in String(Int(value * 1000)) }
        let ratio = String(format: "%.2f", mine / other)
        print("\(name): ours \(milliseconds(mine)) ms, git \(milliseconds(other)) ms, ratio \(ratio)")
    }
}
