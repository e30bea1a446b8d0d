import Agents
import RunnerCore
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

    @Test("of many arguments the one that says most is told, of others none")
    func telling() {
        let command: JSONValue = .object(["background": .bool(false), "command": .string("make\nmake test")])
        #expect(AgentActivity.telling(of: command) == "make")
        #expect(AgentActivity.telling(of: .object(["a": .string("b"), "command": .integer(3)])) == nil)
        #expect(AgentActivity.telling(of: .object(["input": .string("ls /")])) == "ls /")
        let input = JSONDocument(.object(["a": .string("x/y"), "b": .integer(1)]))
        #expect(
            AgentActivity.line(.toolStarted(ToolStart(id: "1", name: "t", input: input))) == #"t {"a":"x/y","b":1}"#)
    }

    @Test("the log shows forty lines of a tool's output, and none that is empty")
    func output() {
        let lines = (1...60).map { "line \($0)\n\n" }.joined()
        let log = AgentActivity.log(.toolFinished(ToolFinish(id: "1", failed: false, output: lines)))
        #expect(log == (1...40).map { "  | line \($0)\n" }.joined())
    }
}
