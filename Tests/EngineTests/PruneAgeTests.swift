import Foundation
import Testing

@testable import Engine

@Suite("the age from which unreachable objects go")
struct PruneAgeTests {
    @Test("git keeps what is younger, however long that is", arguments: [1.0, 365, 36_500, 4_000_000])
    func age(days: Double) async throws {
        try await ScratchFolder.with { folder in
            let git = GitCommand(transports: "none", environment: ProcessInfo.processInfo.environment)
            func kept(_ expiry: String) async throws -> Bool {
                #expect(try await git.run(["init", "-q"], in: folder.path).status == 0)
                let written = try await git.run(
                    ["hash-object", "-w", "--stdin"], in: folder.path, input: Array("a\n".utf8))
                let id = written.standardOutput.trimmingCharacters(in: .newlines)
                let pruned = try await git.run(["prune", "--expire=\(expiry)"], in: folder.path)
                #expect(pruned.status == 0, "\(pruned.messages)")
                return try await git.run(["cat-file", "-e", id], in: folder.path).status == 0
            }
            let aged = try await kept(HubMaintenance.expiry(.seconds(days * 86_400), now: Date()))
            #expect(aged)
            // The controls: no age at all, and more seconds ago than there were, as git counts them.
            let ageless = try await kept(HubMaintenance.expiry(.zero, now: Date()))
            let wrapped = try await kept("\(36_500 * 86_400).seconds.ago")
            #expect(!ageless && !wrapped)
        }
    }
}
