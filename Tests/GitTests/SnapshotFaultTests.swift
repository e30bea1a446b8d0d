import Foundation
import Glibc
import Subprocess
import TestSupport
import Testing

@testable import Git

/// Single calls of the operating system fail while a real process saves, removes or restores: it must say so, and no
/// file may be lost. The faults come from a preload library that is built here (`SnapshotFaults.c`).
@Suite(.timeLimit(.minutes(SnapshotCampaign.isLong ? 120 : 5))) struct SnapshotFaultTests {
    struct Fault: CustomTestStringConvertible, Sendable {
        let name: String
        let number: Int32
        let calls: String
        var isSticky = false
        var testDescription: String { name + (isSticky ? " for ever" : "") }
    }

    static let faults = [
        // Where files are made; then also where they are only read, which are ten times as many calls.
        Fault(name: "EMFILE where it writes", number: EMFILE, calls: "create"),
        Fault(name: "ENOSPC", number: ENOSPC, calls: "write,create,rename,fsync"),
        Fault(name: "ENOSPC", number: ENOSPC, calls: "write,create,rename,fsync", isSticky: true),
        Fault(name: "EIO", number: EIO, calls: "write,create,rename,fsync,unlink,read"),
        Fault(name: "EMFILE", number: EMFILE, calls: "open"),
    ]

    @Test("a fault at every call of saving and removing loses nothing", arguments: faults)
    func removing(fault: Fault) async throws {
        try await campaign("clean", fault)
    }

    @Test("a fault at every call of restoring leaves nothing half done", arguments: faults)
    func restoring(fault: Fault) async throws {
        try await campaign("restore", fault)
    }

    private func campaign(_ verb: String, _ fault: Fault) async throws {
        var random = SeededGenerator(seed: SnapshotCampaign.seed)
        var (files, lost, failed, trials) = (0, 0, 0, 0)
        try await SnapshotFixture.with { fixture in
            let library = fixture.root + "/faults.so"
            try await SnapshotFixture.tool(
                "cc", ["-shared", "-fPIC", "-O1", "-o", library, Self.source, "-ldl"])
            let log = fixture.root + "/calls"
            func run(_ trial: SnapshotTrialFixture, at number: Int) async throws -> SnapshotTrialFixture.Ending {
                var variables: [SnapshotTrialFixture.Variable: String] = [
                    "LD_PRELOAD": library, "FAULT_CALLS": fault.calls, "FAULT_ERRNO": "\(fault.number)",
                    "FAULT_AT": "\(number)", "FAULT_LOG": log,
                ]
                if fault.isSticky { variables["FAULT_STICKY"] = "1" }
                return try await trial.run(verb, faults: variables).ending
            }
            let whole = try await SnapshotTrialFixture(fixture, number: 0, files: SnapshotCampaign.isLong ? 100 : 40)
            if verb == "restore" { _ = try await whole.run("clean") }
            #expect(try await run(whole, at: 0) == .success)
            let calls = try #require(Int(String(contentsOfFile: log, encoding: .utf8).trimmed))
            #expect(calls > 5)
            var number = 1
            while number <= calls {
                let trial = try await SnapshotTrialFixture(
                    fixture, number: number, files: SnapshotCampaign.isLong ? 100 : 40)
                if verb == "restore" { _ = try await trial.run("clean") }
                let ending = try await run(trial, at: number)
                let label = "\(verb), \(fault.testDescription) at call \(number)"
                #expect(ending != .crashed, "\(label)")
                if ending == .told { failed += 1 }
                let result = try trial.lost(label)
                #expect(result.count == 0, "\(result.what)")
                lost += result.count
                files += trial.original.files
                trials += 1
                if !SnapshotCampaign.isLong || number % 8 == 0 { try await trial.recover(label) }
                try trial.remove()
                number += SnapshotCampaign.isLong ? 1 : Int.random(in: 1...max(calls / 3, 1), using: &random)
            }
            print(
                "faults: \(verb), \(fault.testDescription): \(lost) of \(files) files lost in \(trials) trials at \(calls) calls; \(failed) were told"
            )
        }
        // Most opens are of what Git itself can do without, or ask for again.
        if SnapshotCampaign.isLong { #expect(failed > (fault.calls == "open" ? 0 : trials / 3)) }
    }

    private static let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/SnapshotFaults.c"
}
