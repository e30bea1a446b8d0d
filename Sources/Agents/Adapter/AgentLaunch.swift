package import Foundation

/// How to start an agent's process; its working directory is the worktree.
package struct AgentLaunch: Sendable, Hashable {
    /// Never empty; the program first, to be looked up in `PATH` unless it has a slash.
    package var argv: [String]
    /// Added to the step's environment.
    package var environment: [String: String]
    /// Written to standard input, which is then closed; nil means `/dev/null`.
    package var stdin: Data?
    /// Whether standard error must share standard output's pipe.
    package var mergesStderr: Bool
    /// Names that the agent may inherit from the caller's environment; a `*` at the end stands for any rest.
    package var passThroughEnvironment: [String]
    /// Files to read after the end.
    package var reports: [AgentReport]
    package var interrupt: AgentInterrupt
    /// Whether the runner has to talk to the process in the Agent Client Protocol; then `stdin` is an `ACPRequest`.
    package var speaksACP = false

    package init(
        argv: [String], environment: [String: String] = [:], stdin: Data? = nil, mergesStderr: Bool = false,
        passThroughEnvironment: [String] = [], reports: [AgentReport] = [], interrupt: AgentInterrupt = .interrupt
    ) {
        self.argv = argv
        self.environment = environment
        self.stdin = stdin
        self.mergesStderr = mergesStderr
        self.passThroughEnvironment = passThroughEnvironment
        self.reports = reports
        self.interrupt = interrupt
    }

    /// What a program needs to reach its model behind a proxy or a company's certificate.
    static let networkEnvironment = [
        "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ]

    /// Whether `passThroughEnvironment` names the variable.
    package func inherits(_ name: String) -> Bool {
        passThroughEnvironment.contains { pattern in
            pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
        }
    }
}
