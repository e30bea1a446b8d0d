import Foundation

/// Every piece of work that a walk made: a file with a text of its own, of which a copy is kept in `folder`.
struct WorkLedger: Sendable {
    let fixture: RunnerFixture
    var folder: String { fixture.root + "/ledger" }

    init(_ fixture: RunnerFixture) throws {
        self.fixture = fixture
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// Makes a piece of work in the current folder. The copy comes last: what has one was there for certain.
    var script: String {
        "t=$(cat /proc/sys/kernel/random/uuid); echo $t > f-$t; cp f-$t '\(folder)/'"
    }

    /// The pieces that neither a reference of a clone leads to nor a worktree or the trash holds.
    func lost() async throws -> [String] {
        var found: Set<String> = []
        let hubs = try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/hubs")
        for hub in hubs where hub.hasSuffix(".git") {
            let reachable = try await fixture.git("rev-list", "--objects", "--all", in: "\(fixture.home)/hubs/\(hub)")
            found.formUnion(reachable.split(separator: "\n").map { String($0.prefix(40)) })
        }
        for place in ["worktrees", "trash"] {
            let files = FileManager.default.enumerator(atPath: "\(fixture.home)/\(place)")
            let small = (files?.compactMap { $0 as? String } ?? []).map { "\(fixture.home)/\(place)/\($0)" }
                .filter { FileManager.default.contents(atPath: $0)?.count == 37 }
            found.formUnion(try await identities(small).values)
        }
        let kept = try FileManager.default.contentsOfDirectory(atPath: folder).map { "\(folder)/\($0)" }
        return try await identities(kept).filter { !found.contains($0.value) }.map(\.key).sorted()
    }

    /// How many pieces there are.
    var count: Int { (try? FileManager.default.contentsOfDirectory(atPath: folder).count) ?? 0 }

    /// The names that Git gives the contents of these files.
    private func identities(_ files: [String]) async throws -> [String: String] {
        guard !files.isEmpty else { return [:] }
        let list = files.joined(separator: "\n")
        let output = try await fixture.run("/usr/bin/git", ["hash-object", "--stdin-paths"], input: list)
        let names = output.out.split(separator: "\n").map(String.init)
        // A file that went away in this moment ends git: asked one by one then.
        guard names.count == files.count else {
            var each: [String: String] = [:]
            for file in files {
                let one = try await fixture.run("/usr/bin/git", ["hash-object", file])
                if one.status == 0 { each[file] = one.out.trimmingCharacters(in: .newlines) }
            }
            return each
        }
        return Dictionary(zip(files, names)) { $1 }
    }
}
