import Testing

@testable import Git

@Suite struct ObjectIDTests {
    @Test("a full hexadecimal id is kept in lower case")
    func fullID() {
        #expect(ObjectID("ABCDEF0123456789abcdef0123456789abcdef01")?.hex == "abcdef0123456789abcdef0123456789abcdef01")
    }

    @Test(
        "anything else is no id",
        arguments: ["", "abc", String(repeating: "g", count: 40), String(repeating: "a", count: 41)])
    func notAnID(text: String) {
        #expect(ObjectID(text) == nil)
    }
}
