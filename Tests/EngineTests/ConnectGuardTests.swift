import RunnerCore
import Testing

@testable import Engine

/// Literal addresses only: no test here asks a name server.
@Suite struct ConnectGuardTests {
    private static func isRefused(_ host: String, _ allowances: URLPolicy.Allowances = []) -> Bool {
        do {
            try ConnectGuard.check(host: host, policy: URLPolicy(allowing: allowances))
            return false
        } catch {
            return (error as? EngineError)?.code == .refusedURL
        }
    }

    @Test(
        "addresses of this machine and of private networks are refused, unless an operator allows them",
        arguments: ["127.0.0.1", "127.8.9.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "::1", "fd00::1"])
    func privateHosts(host: String) {
        #expect(Self.isRefused(host))
        #expect(Self.isRefused(host, [.insecureSchemes, .local]))
        #expect(!Self.isRefused(host, .privateHosts))
    }

    @Test(
        "cloud metadata and link-local addresses are never reached",
        arguments: ["169.254.169.254", "::ffff:169.254.169.254", "2852039166", "0xa9fea9fe", "169.16689662", "fe80::1"])
    func metadata(host: String) {
        #expect(Self.isRefused(host))
        #expect(Self.isRefused(host, [.privateHosts, .insecureSchemes, .local]))
    }

    @Test(
        "other spellings of this machine's address are seen through",
        arguments: ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "::ffff:127.0.0.1", "0.0.0.0", "::"])
    func spellings(host: String) {
        #expect(Self.isRefused(host))
    }

    @Test(
        "public addresses pass, and so does a name that leads nowhere",
        arguments: ["1.1.1.1", "2606:4700:4700::1111", ""])
    func passes(host: String) {
        #expect(!Self.isRefused(host))
        #expect(!Self.isRefused(String(repeating: "x", count: 64) + ".example"))
    }

    @Test("the message names the host and where it leads")
    func message() throws {
        let error = try #require(
            #expect(throws: EngineError.self) { try ConnectGuard.check(host: "127.1", policy: URLPolicy()) })
        #expect(error.message.contains("\"127.1\"") && error.message.contains("127.0.0.1"))
    }
}
