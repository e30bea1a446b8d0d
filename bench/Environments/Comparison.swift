import Foundation
import Git
import Glibc

/// All measurements on one repository; each round does each of them once, git's and ours side by side.
struct Comparison {
    let bed: TestBed
    private let person = Signature(name: "a", email: "a@example.org", date: Date(), offsetMinutes: 0)

    init(bed: TestBed) { self.bed = bed }

    func run(rounds: Int) throws {
        var times: [String: [Double]] = [:]
        // Removal has a turn of its own: ext4 is slow to give out inodes that were freed in the last minutes, so that
        // what is removed in one round would be paid for by what is made in the next.
        for measurement in [measure, measureRemoval] {
            for round in 0...rounds {
                var sample: [String: Double] = [:]
                try measurement(round, &sample)
                // The first round warms the caches.
                if round > 0 { for (name, time) in sample { times[name, default: []].append(time) } }
            }
        }
        let median = times.mapValues { $0.sorted()[$0.count / 2] }
        guard let add = median["git add"] else { return }
        let isLarge = bed.bytes > 4 << 20
        report("git worktree add, checkout.workers=2", median["git workers"], against: add, target: nil)
        report("create without spare", median["create"], against: add, target: isLarge ? 0.6 : 0.8)
        report("create with spare", median["claim"], against: add, target: 0.02)
        report("create with spare one commit behind", median["claim behind"], against: add, target: nil)
        report("fork of a checkpoint", median["fork"], against: add, target: isLarge ? 0.6 : 0.8)
        report("first git status", median["status"], against: median["git status"], target: 0.35)
        report("second status in git's tree", median["git status again"], against: median["git status"], target: nil)
        report("second git status", median["status again"], against: median["git status again"], target: nil)
        report("checkpoint of 20 changes", median["checkpoint"], against: median["git commit"], target: 0.6)
        report("remove", median["remove"], against: median["git remove"], target: 0.02)
    }

    private func measure(_ round: Int, _ sample: inout [String: Double]) throws {
        let (theirs, second) = ("\(bed.root)/git\(round)", "\(bed.root)/workers\(round)")
        let (hub, base) = (bed.hub.path, bed.base)
        sample["git add"] = try seconds {
            try Program.git("worktree", "add", "-q", "-b", "g\(round)", theirs, base.hex, in: hub)
        }
        let worktree = worktree("r\(round)")
        sample["create"] = try seconds { _ = try add(worktree, base) }
        sample["git workers"] = try seconds {
            try Program.git(
                "-c", "checkout.workers=2", "worktree", "add", "-q", "-b", "w\(round)", second, base.hex, in: hub)
        }
        for (name, commit) in [("claim", base), ("claim behind", bed.earlier)] {
            let spare = try Spare.make(hub: bed.hub, folder: bed.root + "/spares", commit: commit)
            let claimed = self.worktree("\(name.replacing(" ", with: ""))\(round)")
            sample[name] = try seconds {
                _ = try Worktree.add(
                    hub: bed.hub, name: claimed.name, path: claimed.path, branch: "runner/\(claimed.name)", base: base,
                    spares: bed.root + "/spares")
            }
            guard !FileManager.default.fileExists(atPath: spare.worktree.path) else { throw CocoaError(.fileWriteFileExists) }
        }
        sample["git status"] = try seconds { try Program.git("status", "--porcelain", in: theirs) }
        sample["status"] = try seconds { try Program.git("status", "--porcelain", in: worktree.path) }
        // All files are known and no index is written: what is left is git's own way through the directory.
        sample["git status again"] = try seconds { try Program.git("status", "--porcelain", in: theirs) }
        sample["status again"] = try seconds { try Program.git("status", "--porcelain", in: worktree.path) }
        try change([theirs, worktree.path], round)
        var state = base
        sample["checkpoint"] = try seconds {
            state = try Checkpoint.write(worktree: worktree, message: "x", author: person, committer: person).commit
        }
        sample["git commit"] = try seconds {
            try Program.git("add", "-A", in: theirs)
            try Program.git("commit", "-q", "-m", "x", in: theirs)
        }
        let fork = self.worktree("f\(round)")
        sample["fork"] = try seconds { _ = try add(fork, state) }
        // What is being written back must not fall into the next round.
        sync()
    }

    private func measureRemoval(_ round: Int, _ sample: inout [String: Double]) throws {
        let worktree = worktree("r\(round)")
        sample["remove"] = try seconds {
            guard rename(worktree.path, worktree.path + ".trash") == 0 else { throw CocoaError(.fileWriteUnknown) }
            try worktree.removeAdmin()
        }
        sample["git remove"] = try seconds {
            try Program.git("worktree", "remove", "--force", "\(bed.root)/git\(round)", in: bed.hub.path)
        }
    }

    private func worktree(_ name: String) -> Worktree {
        Worktree(hub: bed.hub, name: name, path: "\(bed.root)/worktrees/\(name)")
    }

    private func add(_ worktree: Worktree, _ base: ObjectID) throws -> Worktree {
        try Worktree.add(
            hub: bed.hub, name: worktree.name, path: worktree.path, branch: "runner/\(worktree.name)", base: base)
    }

    private func change(_ folders: [String], _ round: Int) throws {
        for folder in folders {
            for number in 100..<120 {
                try Data("\(round) \(number)\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(TestBed.path(number))"))
            }
        }
    }

    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try body()
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private func report(_ name: String, _ ours: Double?, against other: Double?, target: Double?) {
        guard let ours, let other else { return }
        let text = name.padding(toLength: 38, withPad: " ", startingAt: 0)
        let goal = target.map { String(format: "(target: at most %.2f)", $0) } ?? ""
        Bench.say(
            text + String(format: "%9.1f ms  git %9.1f ms  ratio %5.3f ", ours * 1000, other * 1000, ours / other) + goal)
    }
}
