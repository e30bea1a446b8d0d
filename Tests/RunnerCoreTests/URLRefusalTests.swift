import RunnerCore
import Testing

@Suite struct URLRefusalTests {
    @Test("each reason explains itself in one sentence", arguments: URLRefusal.allCases)
    func explanation(_ refusal: URLRefusal) {
        let text = refusal.explanation
        #expect(text.count > 40 && text.count < 240)
        #expect(text.first?.isLowercase == true && !text.hasSuffix(".") && !text.contains("\n"))
        #expect(text.contains(";") || refusal == .metadataAddress)
        #expect(URLRefusal.allCases.filter { $0.explanation == text } == [refusal])
    }

    @Test func `only four reasons are policy`() {
        let policy = URLRefusal.allCases.filter(\.isPolicy).map(\.rawValue)
        #expect(policy == ["local-disabled", "insecure-scheme", "private-host", "private-address"])
    }
}
