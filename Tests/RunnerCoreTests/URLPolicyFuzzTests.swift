import RunnerCore
import TestSupport
import Testing

@Suite struct URLPolicyFuzzTests {
    private static let alphabet: [Unicode.Scalar] = Array(
        "aZ09-_.~@:/\\?#[]%+=&;$`'\"(){}<>|^*!, \n\r\t\0\u{7F}\u{1B}\u{85}\u{E9}\u{202E}\u{FF0F}\u{301}".unicodeScalars)
    private static let pieces = [
        "://", "::", "..", "/../", "%2e", "%2F", "%00", "user:pw@", "@", "[::1]", "[", "]", ".git", "-o", "//", ":22",
        "169.254.169.254", "ext::", "https://", "ssh://", "file://", "git@", "localhost", "%20", "0x7f", "ghp_",
    ]

    private func mutate(_ text: String, with generator: inout SeededGenerator) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let place = Int.random(in: 0...scalars.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0:
                if let scalar = Self.alphabet.randomElement(using: &generator) { scalars.insert(scalar, at: place) }
            case 1:
                if let piece = Self.pieces.randomElement(using: &generator) {
                    scalars.insert(contentsOf: piece.unicodeScalars, at: place)
                }
            case 2: scalars.removeSubrange(place..<min(place + 2, scalars.count))
            case 3: scalars.insert(contentsOf: scalars[..<place].suffix(5), at: place)
            default:
                if place < scalars.count, let scalar = Self.alphabet.randomElement(using: &generator) {
                    scalars[place] = scalar
                }
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }

    @Test("20,000 mutations: nothing crashes, and what is accepted is plain and accepted as itself")
    func mutations() {
        var generator = SeededGenerator(seed: 0x5EED)
        let inputs = URLPolicyTable.rows.map(\.input)
        let policies = [URLPolicy(), URLPolicy(allowing: [.insecureSchemes, .privateHosts, .local])]
        var accepted = 0
        for _ in 0..<20_000 {
            let input = mutate(inputs.randomElement(using: &generator) ?? "", with: &generator)
            for policy in policies {
                let verdict = policy.check(input)
                expectConsistent(verdict, input)
                guard verdict.isAccepted, let normalized = verdict.normalized else { continue }
                accepted += 1
                let again = policy.check(normalized)
                let sameParts =
                    again.isAccepted && again.normalized == normalized && again.host == verdict.host
                    && again.owner == verdict.owner && again.name == verdict.name
                if !sameParts { Issue.record("\(input.debugDescription) gives \(normalized) gives \(again)") }
            }
        }
        // The mutations must be mild enough to reach the accepting side.
        #expect(accepted > 2000)
    }

    /// Plain conditions and one expectation: hundreds of thousands of expectations would take minutes.
    private func expectConsistent(_ verdict: URLVerdict, _ input: String) {
        let isFinal = verdict.reason.map { !$0.isPolicy } ?? false
        var isConsistent = (verdict.normalized == nil) == isFinal && verdict.isAccepted == (verdict.reason == nil)
        if let normalized = verdict.normalized {
            let bytes = normalized.utf8
            isConsistent =
                isConsistent && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
                && bytes.first != UInt8(ascii: "-") && !normalized.contains("::/") && verdict.name?.isEmpty == false
                && Redaction.redactCredentials(in: normalized) == normalized
        }
        if !isConsistent { Issue.record("\(input.debugDescription) gives \(verdict)") }
    }
}
