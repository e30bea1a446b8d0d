import RunnerCore
import Testing

@Suite("what the name of a workflow means")
struct WorkflowReferenceTests {
    @Test(
        "every form",
        arguments: [
            ("fix", WorkflowReference.name("fix")), ("a@b", .name("a@b")), ("@3", .name("@3")), ("a@0", .name("a@0")),
            ("a@-1", .name("a@-1")), ("fix@3", .version(name: "fix", number: 3)),
            ("a@b@12", .version(name: "a@b", number: 12)), ("./fix", .path("./fix")), ("fix.yaml", .path("fix.yaml")),
            ("x/fix@3", .path("x/fix@3")), ("bundled:default", .source(.bundled, name: "default")),
            ("repository:a/b", .source(.repository, name: "a/b")), ("database:fix@2", .version(name: "fix", number: 2)),
            ("user:fix.yaml", .source(.user, name: "fix.yaml")), ("mars:x", .name("mars:x")), ("", .name("")),
        ])
    func forms(text: String, expected: WorkflowReference) {
        #expect(WorkflowReference(text) == expected)
    }

    @Test(
        "a name that could not be found again is not published",
        arguments: ["a/b", "x@1", "a@b", "-x", "x.yml", "user:x"])
    func names(name: String) {
        #expect(WorkflowReference.problem(withName: name) != nil)
        #expect(WorkflowReference.problem(withName: "Fix it, now") == nil)
    }
}
