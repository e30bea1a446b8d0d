import Foundation
import RunnerCore
import TestSupport
import Testing

@Suite("Hostile workflow files")
struct WorkflowHostileInputTests {
    private func errors(_ bytes: [UInt8]) -> WorkflowErrors? {
        do throws(WorkflowErrors) {
            _ = try WorkflowParser.parse(bytes, file: "h", knownAgents: ["claude"])
            return nil
        } catch {
            return error
        }
    }

    /// Ten levels of ten aliases each.
    private func bomb(key: Bool) -> String {
        var lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",")
            lines.append("a\(level): &a\(level) [\(aliases)]")
        }
        lines.append(key ? "? *a9\n: x" : "steps: *a9")
        return lines.joined(separator: "\n") + "\n"
    }

    @Test(
        "an alias bomb is refused at once, as a value and inside a key", .timeLimit(.minutes(1)),
        arguments: [false, true])
    func aliasBomb(key: Bool) throws {
        let error = try #require(errors(Array(bomb(key: key).utf8)))
        #expect(error.errors[0].message.contains("aliases"))
    }

    @Test("a NUL that is escaped is refused like a raw one")
    func escapedNUL() throws {
        for (source, line) in [
            ("name: w\nsteps:\n  - run: \"echo \\0\"\n", 3),
            ("name: w\nenv: { A: \"\\x00\" }\nsteps:\n  - run: a\n", 2),
        ] {
            let error = try #require(errors(Array(source.utf8)))
            #expect(error.errors[0].message.contains("NUL") && error.errors[0].line == line)
        }
        #expect(errors(Array("name: w\nsteps:\n  - run: \"echo \\e[0m\"\n".utf8)) == nil)
    }

    @Test("a small alias bomb runs into the limit of values", .timeLimit(.minutes(1)))
    func smallBomb() throws {
        let source = bomb(key: false).split(separator: "\n").prefix(4).joined(separator: "\n") + "\nsteps: *a3\n"
        let error = try #require(errors(Array(source.utf8)))
        #expect(error.errors[0].message.contains("more than 10000 values"))
    }

    @Test("aliases that are only words of a script are no bomb")
    func aliasWords() throws {
        let line = "      f(&value, *value, &other, *other);\n"
        let source = "name: w\nsteps:\n  - run: |\n" + String(repeating: line, count: 2_000)
        #expect(errors(Array(source.utf8)) == nil)
    }

    @Test("size, bytes, depth and number of values are bounded", .timeLimit(.minutes(1)))
    func bounds() throws {
        let large = Array(repeating: UInt8(ascii: "#"), count: (1 << 20) + 1)
        #expect(try #require(errors(large)).errors[0].message.contains("larger than 1 MiB"))
        #expect(errors(Array("name: w\nsteps: [{run: x}]\n#".utf8) + large.dropLast(40)) == nil)
        let invalid = try #require(errors(Array("name: w\nsteps: é".utf8) + [0xFF, 0x41])).errors[0]
        #expect(invalid.message.contains("not UTF-8"))
        #expect(invalid.line == 2 && invalid.column == 9)
        let control = try #require(errors(Array("name: w\nab\u{0}".utf8))).errors[0]
        #expect(control.line == 2 && control.column == 3 && control.message.contains("control character"))
        #expect(try #require(errors([0xFF, 0xFE, 0x41, 0])).errors[0].message.contains("UTF-16"))
        let deep = "name: w\nsteps: " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        #expect(try #require(errors(Array(deep.utf8))).errors[0].message.contains("nest deeper"))
        for open in ["[", "{a: ", "- ", "? "] {
            #expect(errors(Array(String(repeating: open, count: (1 << 20) / open.utf8.count).utf8)) != nil)
        }
        let wide = "name: w\nsteps: [" + String(repeating: "a,", count: 500_000) + "]"
        #expect(try #require(errors(Array(wide.utf8))).errors[0].message.contains("values"))
        let keys = (0..<100_000).map { "k\($0): 1\n" }.joined()
        #expect(errors(Array(keys.utf8)) != nil)
    }

    @Test("many duplicate keys end with errors", .timeLimit(.minutes(1)))
    func duplicates() throws {
        let source = (0..<200).map { "k\($0): 1\nk\($0): 2\n" }.joined()
        #expect(errors(Array(source.utf8)) != nil)
    }

    @Test("conditions and templates that are too deep or too long are refused", .timeLimit(.minutes(1)))
    func expressions() {
        for condition in [
            String(repeating: "(", count: 1_000), String(repeating: "not ", count: 1_000) + "true",
            String(repeating: "!", count: 4_000) + "true", String(repeating: "true and ", count: 400) + "true",
            String(repeating: "x", count: 10_000), "'", "\"a", "a.b.", "a[", "1.2.3", "-", "a |", "a|default:", "a|:",
            "|",
        ] {
            #expect(throws: TemplateError.self, "\(condition.prefix(20))") { try WorkflowCondition(condition) }
        }
        let tags =
            "name: w\nsteps: [{agent: claude, prompt: '" + String(repeating: "{{ task.number }}", count: 30_000) + "'}]"
        #expect(errors(Array(tags.utf8)) != nil)
    }

    @Test("no mutation of a good file crashes or hangs the parser", .timeLimit(.minutes(5)))
    func mutations() {
        let seed = UInt64(ProcessInfo.processInfo.environment["RUNNER_TEST_SEED"] ?? "") ?? 20_241
        var random = SeededGenerator(seed: seed)
        let base = Array(WorkflowParserTests.full.utf8)
        let alphabet = Array("{}[]%|&*!?:-#'\"\\ \n\t.,()<>=~@`0aé\u{1}".utf8)
        for _ in 0..<3_000 {
            var bytes = base
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = alphabet.randomElement(using: &random) ?? 0
                case 1: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: index)
                case 2: bytes.removeSubrange(index..<min(bytes.count, index + Int.random(in: 1...20, using: &random)))
                default: bytes.insert(contentsOf: bytes[index..<min(bytes.count, index + 30)], at: index)
                }
                if bytes.isEmpty { bytes = base }
            }
            if let error = errors(bytes) {
                #expect(!error.errors.isEmpty, "seed \(seed)")
                #expect(
                    error.errors.allSatisfy { $0.line >= 1 && $0.column >= 1 && !$0.message.isEmpty }, "seed \(seed)")
            }
        }
    }

    @Test("no random template or condition crashes or hangs, and what is accepted renders", .timeLimit(.minutes(5)))
    func randomTemplates() throws {
        let seed = UInt64(ProcessInfo.processInfo.environment["RUNNER_TEST_SEED"] ?? "") ?? 7
        var random = SeededGenerator(seed: seed)
        let words = [
            "{{", "}}", "{%", "%}", "{%-", "-%}", "{#", "#}", " ", " ", " ", "\n", "if", "elif", "else", "endif", "for",
            "in", "item", "endfor", "empty", "and", "or", "not", "&&", "||", "!", "(", ")", "==", "!=", "<", ">=", "|",
            ":", ",", ".", "[", "]", "'", "\"", "'a'", "1", "-2.5", "1e9", "true", "task.title",
            "steps.check-it.outcome",
            "steps.check_it.outputs.list", "|split:','", "|default:\"x\"", "|indent:3", "|join", "|capitalize",
            "inputs.empty", "inputs.level", "forloop.counter", "success()", "failure", "...", "é", "\u{301}", "\r\n",
            "$",
        ]
        let status = StatusValues(success: true, failure: false, cancelled: false)
        var accepted = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 1...12, using: &random)
            let text = (0..<count).map { _ in words.randomElement(using: &random) ?? "" }.joined(
                separator: Bool.random(using: &random) ? " " : "")
            for template in [text, "{{ \(text) }}", "{% if \(text) %}a{% endif %}"] {
                do {
                    _ = try WorkflowTemplateTests.context.render(template)
                    accepted += 1
                } catch let error as TemplateError {
                    #expect(error.line >= 1 && error.column >= 1 && !error.message.isEmpty, "seed \(seed): \(template)")
                }
            }
            if let condition = try? WorkflowCondition(text) {
                do {
                    _ = try WorkflowTemplateTests.context.evaluate(condition, status: status)
                    accepted += 1
                } catch {
                    // Unknown names are found here; anything else of Stencil's is a fault of ours.
                    #expect(
                        "\(error)".contains("name") || "\(error)".contains("field") || "\(error)".contains("needs"),
                        "\(text): \(error)")
                }
            }
        }
        #expect(accepted > 1_000)
    }
}
