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
                return .string(id)
            }
        }
        #expect(began == [.string("a"), .string("b"), nil, nil, .string("c")])
        #expect(asked == ["a", "b", "c"])
        #expect(ledger.executions.map(\.callID) == ["a", "b", "c"])
    }
}
