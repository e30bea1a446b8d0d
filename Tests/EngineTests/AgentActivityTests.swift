import Agents
import Testing

@testable import Engine

@Suite struct AgentActivityTests {
    @Test(
        "a message's line is its first that shows something",
        arguments: [
            ("one\ntwo", "one"), ("\n \t\n  two  \nthree", "two  "), ("\r\n\r\none\r\ntwo", "one"), ("é\n", "é"),
            ("", nil), (" \n\t\r\n", nil),
        ])
    func line(text: String, shown: String?) {
        #expect(AgentActivity.line(.message(AgentMessage(text: text))) == shown)
    }

    @Test("the log shows forty lines of a tool's output, and none that is empty")
    func output() {
        let lines = (1...60).map { "line \($0)\n\n" }.joined()
        let log = AgentActivity.log(.toolFinished(ToolFinish(id: "1", failed: false, output: lines)))
        #expect(log == (1...40).map { "  | line \($0)\n" }.joined())
    }
}
