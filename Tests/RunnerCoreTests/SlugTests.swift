import RunnerCore
import TestSupport
import Testing

@Suite struct SlugTests {
    @Test(
        "titles become readable slugs",
        arguments: [
            ("Fix the login page", "fix-the-login-page"), ("  --Fix__it!!  ", "fix-it"), ("Don't panic", "dont-panic"),
            ("Don\u{2019}t panic", "dont-panic"), ("Über Straße naïve Ærø Łódź", "uber-strasse-naive-aero-lodz"),
            ("cafe\u{301}", "cafe"), ("v1.2.3 → v2", "v1-2-3-v2"), ("", "task"), ("   ", "task"), ("日本語", "task"),
            ("🙂", "task"), ("../../etc/passwd", "etc-passwd"), ("x.lock", "x-lock"), (".lock", "lock"),
            ("a\nb\0c", "a-b-c"), ("-rf /", "rf"), ("$(touch x)", "touch-x"), ("HEAD", "head"),
            ("Tiếng Việt", "tieng-viet"),
        ])
    func readable(_ title: String, _ slug: String) {
        #expect(Slug.make(title) == slug)
    }

    @Test func `a long title is cut between words, a long word inside`() {
        #expect(
            Slug.make("Implement the new payment provider for the shop") == "implement-the-new-payment-provider-for")
        #expect(Slug.make(String(repeating: "a", count: 100)) == String(repeating: "a", count: 40))
        #expect(Slug.make("a " + String(repeating: "b", count: 100)) == "a-" + String(repeating: "b", count: 38))
        #expect(Slug.make(String(repeating: "a", count: 39) + " bc") == String(repeating: "a", count: 39))
        #expect(Slug.make(String(repeating: "a", count: 40) + " bc") == String(repeating: "a", count: 40))
        #expect(Slug.make(String(repeating: "日", count: 100_000) + "x") == "x")
    }

    @Test("random titles give valid ref components that stay as they are")
    func valid() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            let count = Int.random(in: 0...80, using: &generator)
            let title = String(
                String.UnicodeScalarView(
                    (0..<count).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x250, using: &generator)) }))
            let slug = Slug.make(title)
            #expect(BranchName.validate("runner/1-" + slug) == nil)
            #expect(slug.utf8.count <= Slug.maximumLength && !slug.hasSuffix("-") && !slug.hasPrefix("-"))
            #expect(!slug.contains("--") && slug.utf8.allSatisfy { $0 < 0x80 } && Slug.make(slug) == slug)
        }
    }
}
