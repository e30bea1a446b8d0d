import Foundation
import RunnerCore
import Testing

@testable import Agents

@Suite("The list of calls")
struct ToolLedgerTests {
    @Test("a call begins once, and its arguments are asked for then only")
    func beginsOnce() {
        var ledger = ToolLedger()
        var asked: [String] = []
        let began = ["a", "b", "a", "b", "c"].map { id in
            ledger.start(id, name: "shell", at: .distantPast) {
                asked.append(id)
                return JSONDocument(.string(id))
            }
        }
        #expect(began == ["a", "b", nil, nil, "c"].map { $0.map { JSONDocument(.string($0)) } })
        #expect(asked == ["a", "b", "c"])
        #expect(ledger.executions.map(\.callID) == ["a", "b", "c"])
    }

    @Test("a call above the bound is counted once, however often it is heard of until its result")
    func countsDroppedOnce() {
        var ledger = ToolLedger()
        for number in 0..<10_000 { ledger.start("kept \(number)", name: "shell", at: .distantPast) { .empty } }
        #expect(ledger.dropped == 0)
        for number in 0..<20 {
            let first = ledger.start("more \(number)", name: "shell", at: .distantPast) { .empty }
            let second = ledger.start("more \(number)", name: "shell", at: .distantPast) { .empty }
            #expect(first == .empty && second == nil)
            ledger.finish("more \(number)", output: "done", failed: false, at: .distantPast)
        }
        #expect(ledger.dropped == 20)
        // A result whose call nobody heard of is one more.
        ledger.finish("unheard", output: nil, failed: false, at: .distantPast)
        #expect(ledger.dropped == 21)
        #expect(ledger.executions.count == 10_000)
    }

    @Test("what calls gave out is told at the end, of those without a result nothing")
    func outputs() {
        var ledger = ToolLedger()
        for id in ["a", "b", "c"] { ledger.start(id, name: "shell", at: .distantPast) { .empty } }
        ledger.finish("b", output: "two\n", failed: false, at: .distantPast)
        ledger.finish("a", output: nil, failed: true, at: .distantPast)
        ledger.finish("b", output: "once more", failed: true, at: .distantPast)
        ledger.finish("d", output: "", failed: false, at: .distantPast)
        #expect(ledger.closed().map(\.output) == [nil, "two\n", nil, ""])
        #expect(ledger.closed().map(\.status) == [.failed, .succeeded, .unknown, .succeeded])
    }
}
