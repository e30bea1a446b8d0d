import Agents
import Foundation
import RunnerCore
import Testing

@Suite("the text of an agent's file")
struct AgentFileTextTests {
    private func changed(_ text: String, _ pairs: (String, String?)...) throws -> String {
        var file = AgentFileText(text, file: "tiny.yaml")
        for (key, value) in pairs { try file.set(key, to: try value.map { try AgentFileText.value($0, for: key) }) }
        return file.text
    }

    @Test("a key is changed where it stands, and all else stays")
    func inPlace() throws {
        let text = """
            # ours
            command: [tiny, --batch]   # fast

            # what it is for
            type: qa
            output:
              session: 'a'
              error: 'b'
            # the end

            """
        #expect(
            try changed(text, ("type", "review"), ("output.session", "tokens: ([0-9]+) 'in'"))
                == """
                # ours
                command: [tiny, --batch]   # fast

                # what it is for
                type: review
                output:
                  error: b
                  session: 'tokens: ([0-9]+) ''in'''
                # the end

                """)
        #expect(try changed(text, ("output", nil), ("command", "tiny --x")).hasPrefix("# ours\ncommand: 'tiny --x'\n"))
    }

    @Test(
        "texts of every shape end in what was asked for",
        arguments: [
            "", "# only a comment\n", "command: tiny", "{command: tiny, type: qa}", "command: tiny\r\ntype: qa\r\n",
            "\u{FEFF}command: tiny\n", "\"command\": tiny\n", "command:\n- tiny\n- --x\ntype: qa\n",
            "command: |\n  tiny \\\n  --x\n\n  more\ntype: qa\n", "defaults: {model: a}\ncommand: tiny\n",
        ])
    func shapes(_ text: String) throws {
        let new = try changed(text, ("command", "[other, '--a b']"), ("defaults.model", "x: #y"), ("type", nil))
        let value = try YAMLDocument.value(of: Array(new.utf8), file: "new")
        #expect(
            value
                == .object([
                    "command": .array([.string("other"), .string("--a b")]),
                    "defaults": .object(["model": .string("x: #y")]),
                ]), "\(new)")
    }

    @Test("a file with the line ends of Windows keeps them, its comments and its order")
    func returns() throws {
        let text = "description: x\r\n# how\r\ncommand: [tiny]\r\n\r\n# where\r\nprompt: stdin\r\n"
        #expect(
            try changed(text, ("description", "other"), ("type", "qa"))
                == "description: other\r\n# how\r\ncommand: [tiny]\r\n\r\n# where\r\nprompt: stdin\r\ntype: qa\r\n")
        #expect(try changed(text, ("prompt", nil)).hasSuffix("command: [tiny]\r\n\r\n# where\r\n"))
        #expect(try changed("command: tiny\n", ("type", "qa")) == "command: tiny\ntype: qa\n")
    }

    @Test("what was typed is the value that was meant")
    func values() throws {
        #expect(try AgentFileText.value("5", for: "max-turns") == .integer(5))
        #expect(try AgentFileText.value("2.5", for: "max-budget-usd") == .number(2.5))
        #expect(try AgentFileText.value("\"5\"", for: "model") == .string("5"))
        #expect(try AgentFileText.value("gpt-5.1", for: "model") == .string("gpt-5.1"))
        #expect(try AgentFileText.value("true", for: "auto-approve") == .bool(true))
        #expect(try AgentFileText.value("[0-9]+", for: "output.cost") == .string("[0-9]+"))
        #expect(throws: AgentsError.self) { try AgentFileText.value("[a", for: "args") }
    }

    @Test("a text that is no map of keys is refused and stays as it is")
    func refused() {
        var file = AgentFileText("- a\n", file: "tiny.yaml")
        #expect(throws: AgentsError.self) { try file.set("type", to: .string("qa")) }
        #expect(file.text == "- a\n")
    }
}
