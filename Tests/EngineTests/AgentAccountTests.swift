import Agents
import Testing

@testable import Engine

@Suite("The account an agent works for")
struct AgentAccountTests {
    private static let launch = AgentLaunch(argv: ["claude"], passThroughEnvironment: ["ANTHROPIC_*", "CLAUDE_*"])

    private static func name(_ environment: [String: String], host: String = "h") -> String {
        AgentAccount.name(agent: "claude", launch: launch, environment: environment, host: host)
    }

    @Test("is told by the key and where it is used, not by the home or the host")
    func key() {
        let one = Self.name(["ANTHROPIC_API_KEY": "sk-secret-1", "HOME": "/a"])
        #expect(one == Self.name(["ANTHROPIC_API_KEY": "sk-secret-1", "HOME": "/b"], host: "other"))
        #expect(one == Self.name(["ANTHROPIC_API_KEY": "sk-secret-1", "CLAUDE_CODE_MAX_OUTPUT_TOKENS": "5"]))
        #expect(one != Self.name(["ANTHROPIC_API_KEY": "sk-secret-2", "HOME": "/a"]))
        #expect(one != Self.name(["ANTHROPIC_API_KEY": "sk-secret-1", "ANTHROPIC_BASE_URL": "http://x"]))
        #expect(!one.contains("secret") && one.hasPrefix("claude:") && one.count == 23)
    }

    @Test("is told by the home and the host where there is no key")
    func login() {
        let one = Self.name(["HOME": "/a"])
        #expect(one == Self.name(["HOME": "/a", "OTHER_API_KEY": "not inherited"]))
        #expect(one != Self.name(["HOME": "/b"]))
        #expect(one != Self.name(["HOME": "/a"], host: "other"))
        #expect(one != Self.name(["HOME": "/a", "CLAUDE_CONFIG_DIR": "/c"]))
    }
}
