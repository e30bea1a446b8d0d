import RunnerCore
import Testing

@Suite struct URLPolicyTests {
    private let policy = URLPolicy()
    private let everything = URLPolicy(allowing: [.insecureSchemes, .privateHosts, .local])

    @Test func `the table has all its rows`() {
        #expect(URLPolicyTable.rows.count == 165)
        #expect(URLPolicyTable.rows.allSatisfy { $0.reason == $0.expected.reason?.rawValue })
    }

    @Test("each row of the table has the expected verdict", arguments: URLPolicyTable.rows)
    func row(_ row: URLPolicyTable.Row) {
        #expect(policy.check(row.input) == row.expected)
    }

    @Test("each normalized form of the table is accepted as itself", arguments: URLPolicyTable.rows)
    func idempotent(_ row: URLPolicyTable.Row) throws {
        guard let normalized = row.expected.normalized else { return }
        let again = everything.check(normalized)
        #expect(again.isAccepted)
        #expect(again.normalized == normalized)
    }

    @Test("switching everything on accepts exactly the policy refusals", arguments: URLPolicyTable.rows)
    func allowances(_ row: URLPolicyTable.Row) {
        let verdict = everything.check(row.input)
        if let reason = row.expected.reason, !reason.isPolicy {
            #expect(verdict == row.expected)
        } else {
            #expect(verdict.isAccepted)
            #expect(verdict.normalized == row.expected.normalized)
        }
    }

    @Test("one allowance does not bring another", arguments: singleAllowances)
    func single(_ input: String, _ allowances: URLPolicy.Allowances, _ reason: URLRefusal) {
        #expect(URLPolicy(allowing: allowances).check(input).reason == reason)
    }

    @Test func `the length limit counts bytes after trimming`() {
        let stem = "https://h.example.com/o/"
        let fits = stem + String(repeating: "a", count: 2048 - stem.utf8.count)
        #expect(policy.check(fits).isAccepted)
        #expect(policy.check("  " + fits + "  ").isAccepted)
        #expect(policy.check(fits + "a").reason == .tooLong)
        #expect(policy.check(String(repeating: " ", count: 5000)).reason == .empty)
        #expect(policy.check("\n" + String(repeating: "a", count: 5000)).reason == .tooLong)
    }

    @Test("hostile text is refused as what it is", arguments: hostileText)
    func text(_ input: String, _ reason: URLRefusal) {
        expectRefused(input, reason)
    }

    @Test("hostile authorities are refused as what they are", arguments: hostileAuthorities)
    func authority(_ input: String, _ reason: URLRefusal) {
        expectRefused(input, reason)
    }

    @Test("hostile paths are refused as what they are", arguments: hostilePaths)
    func path(_ input: String, _ reason: URLRefusal) {
        expectRefused(input, reason)
    }

    @Test("addresses and names of private places are refused in every form", arguments: hostilePlaces)
    func place(_ input: String, _ reason: URLRefusal) {
        #expect(policy.check(input).reason == reason)
        #expect(everything.check(input).isAccepted == reason.isPolicy)
    }

    @Test("ordinary clone URLs are accepted", arguments: ordinary)
    func accepted(_ input: String, _ normalized: String, _ host: String?, _ owner: String?, _ name: String) {
        let expected = URLVerdict(verdict: .accept, normalized: normalized, host: host, owner: owner, name: name)
        #expect(everything.check(input) == expected)
    }

    @Test func `a connection is refused by the class of the resolved address`() throws {
        let address = { (text: String) throws in try #require(IPAddress(text)) }
        #expect(policy.refusal(for: try address("140.82.121.4")) == nil)
        #expect(policy.refusal(for: try address("10.0.0.5")) == .privateAddress)
        #expect(policy.refusal(for: try address("::ffff:127.0.0.1")) == .privateAddress)
        #expect(everything.refusal(for: try address("::ffff:127.0.0.1")) == nil)
        #expect(everything.refusal(for: try address("64:ff9b::169.254.169.254")) == .metadataAddress)
    }

    private func expectRefused(_ input: String, _ reason: URLRefusal) {
        #expect(policy.check(input) == URLVerdict(verdict: .reject, reason: reason))
        #expect(everything.check(input) == URLVerdict(verdict: .reject, reason: reason))
    }
}
