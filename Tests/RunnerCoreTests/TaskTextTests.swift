import RunnerCore
import Testing

@Suite struct TaskTextTests {
    @Test("ordinary text passes", arguments: ["Fix it", "x", "a\n\tb\r\n", "日本語", "🙂", "שלום", "-x", "$(id)", "👨‍👩‍👧"])
    func passes(_ text: String) {
        #expect(TaskText.validate(title: text) == nil)
        #expect(TaskText.validate(prompt: text) == nil)
    }

    @Test(
        "text that shows nothing is empty", arguments: ["", " ", "\n\t\r ", "\u{200B}", "\u{FEFF}\u{A0}", "\u{3000}"])
    func empty(_ text: String) {
        #expect(TaskText.validate(title: text) == "the task's title is empty; say what is to be done")
        #expect(TaskText.validate(prompt: text) == "the task's text is empty; say what is to be done")
    }

    @Test(
        "control characters are refused",
        arguments: ["a\0b", "\u{1B}[31m", "a\u{7F}", "a\u{85}", "a\u{B}", "a\u{202E}b"])
    func control(_ text: String) {
        #expect(TaskText.validate(title: text)?.contains("remove it") == true)
        #expect(TaskText.validate(prompt: text)?.contains("remove it") == true)
    }

    @Test func `256 KiB pass and one byte more does not`() {
        let longest = String(repeating: "a", count: TaskText.maximumLength)
        #expect(TaskText.validate(prompt: longest) == nil)
        #expect(TaskText.validate(prompt: longest + "a")?.contains("256 KiB") == true)
    }
}
