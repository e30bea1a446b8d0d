import RunnerCore
import Testing

@Suite("files of tasks")
struct BatchFileTests {
    private func items(_ text: String, _ name: String = "tasks", _ format: BatchFormat? = nil) throws -> [BatchItem] {
        try BatchFile.items(of: Array(text.utf8), named: name, format: format)
    }

    @Test("lines: blank ones are left out, line ends and a byte order mark do not matter")
    func lines() throws {
        let read = try items("\u{FEFF}one\r\n\r\n  two  \n# three\nlast, with: \"quotes\"")
        #expect(read.map(\.text) == ["one", "two", "# three", "last, with: \"quotes\""])
        #expect(read.map(\.place) == ["line 1", "line 3", "line 4", "line 5"])
        // A name that says otherwise, and a text that looks like something else.
        #expect(try items("[1] fix this\n{2} that").map(\.text) == ["[1] fix this", "{2} that"])
        #expect(try items("a,b\nc,d", "list.txt").map(\.text) == ["a,b", "c,d"])
        #expect(try items("text,title\nx,y", "t", .lines).count == 2)
        #expect(try items("a\rb\n", "t.txt").isEmpty == false)
    }

    @Test("CSV: quotes, line ends in fields, other delimiters, inputs")
    func csv() throws {
        let text = """
            Title,Text,labels,priority,input.area\r
            first,"fix \"\"it\"\",\r
            all of it",a;b,5,src\r
            ,plain\r
            \r
            third,"",,,

            """
        #expect(throws: BatchFileError.self) { try items(text, "t.csv") }
        let read = try items(text.replacing("third,\"\",,,\n", with: ""), "t.csv")
        #expect(read.count == 2 && read[0].text == "fix \"it\",\r\nall of it" && read[0].title == "first")
        #expect(read[0].labels == ["a", "b"] && read[0].priority == 5 && read[0].inputs == ["area": "src"])
        #expect(read[1].text == "plain" && read[1].title == nil && read[1].place == "line 4" && read[1].inputs == [:])
        #expect(try items("text;title\na;b").map(\.text) == ["a"])
        #expect(try items("task\ttitle\na\tb", "x.tsv").map(\.title) == ["b"])
        #expect(try items("text\none\n\"two\r\"\r\nthree\r", "x.csv").map(\.text) == ["one", "two\r", "three"])
    }

    @Test("JSON and JSON lines: texts and objects")
    func json() throws {
        let object =
            #"{"text": "b", "title": "t", "labels": ["x"], "priority": -1, "inputs": {"n": 1, "f": true, "s": "q"}}"#
        let read = try items("[\"a\", \(object)]", "t.json")
        #expect(read.map(\.text) == ["a", "b"] && read[1].inputs == ["n": "1", "f": "true", "s": "q"])
        #expect(read[1].labels == ["x"] && read[1].priority == -1 && read[1].title == "t")
        #expect(try items("[\n\"a\"\n]").count == 1)
        #expect(try items(object).map(\.text) == ["b"])
        #expect(try items("\(object)\r\n\n\"c\"\n").map(\.text) == ["b", "c"])
        #expect(try items("\"a\"\n", "t.jsonl").map(\.text) == ["a"])
    }

    @Test("what is wrong is said with its place")
    func refusals() throws {
        let cases: [(String, String, String)] = [
            ("", "t", "there is no task"), (" \n\r\n", "t", "there is no task"), ("[]", "t", "there is no task"),
            ("text,title\n", "t.csv", "there is no task"), ("", "t.csv", "there is no task"),
            ("title\nx", "t.csv", "no column \"text\""),
            ("text,colour\nx,y", "t.csv", "line 1: \"colour\" is no column"),
            ("text,Text\nx,y", "t.csv", "twice"), ("text,title\na,b,c", "t.csv", "line 2: there are 3 fields"),
            ("text\n\"a", "t.csv", "line 2: a quoted field does not end"),
            ("text\n\"a\"b", "t.csv", "text after a closing quote"),
            ("text,priority\na,high", "t.csv", "line 2: the priority \"high\""),
            ("text,priority\na,1001", "t.csv", "line 2: the priority is not"),
            ("[1]", "t.json", "item 1: it is neither"), ("[{\"txt\": \"a\"}]", "t.json", "\"txt\" is unknown"),
            ("[{\"title\": \"a\"}]", "t.json", "item 1: the task's text is empty"), ("[", "t.json", "no JSON"),
            ("{\"text\": 5}", "t.json", "\"text\" is no text"),
            ("{\"text\": \"a\", \"inputs\": {\"x\": []}}", "t.json", "an input is neither"),
            ("{\"text\": \"a\"}\nnonsense", "t.jsonl", "line 2: it is no JSON"),
            ("ok\nbad\u{0}", "t", "line 2: the task's text contains a control character"),
        ]
        for (text, name, reason) in cases {
            let error = #expect(throws: BatchFileError.self, "\(text)") { try items(text, name) }
            #expect(error?.description.contains(reason) == true, "\(text): \(error?.description ?? "")")
        }
        let bytes = #expect(throws: BatchFileError.self) {
            try BatchFile.items(of: Array("ok\nb".utf8) + [0xE4, 0x0A], named: "t")
        }
        #expect(bytes?.place == "line 2" && bytes?.reason == "it is not UTF-8")
        let wide = #expect(throws: BatchFileError.self) {
            try BatchFile.items(of: [0xFF, 0xFE, 0x61, 0x00], named: "t")
        }
        #expect(wide?.reason.contains("UTF-16") == true)
    }

    @Test("100,000 lines are read, one more is refused")
    func many() throws {
        let text = String(repeating: "do this\n", count: BatchFile.itemLimit)
        #expect(try items(text).count == BatchFile.itemLimit)
        #expect(throws: BatchFileError.self) { try items(text + "x") }
    }
}
