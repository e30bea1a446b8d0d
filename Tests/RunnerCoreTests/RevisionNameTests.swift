import RunnerCore
import Testing

@Suite struct RevisionNameTests {
    @Test(
        "names of commits pass",
        arguments: ["HEAD", "main", "origin/main", "refs/tags/v1.0", "v1.0", "0a1b2c3", "refs/heads/x"])
    func passes(_ text: String) {
        #expect(RevisionName.validate(text) == nil)
    }

    @Test(
        "expressions and hostile text are refused",
        arguments: BranchNameTests.bad + ["HEAD~2", "a...b", "^main", ":/x"])
    func refuses(_ text: String) {
        #expect(RevisionName.validate(text)?.hasPrefix("the revision ") == true)
    }
}
