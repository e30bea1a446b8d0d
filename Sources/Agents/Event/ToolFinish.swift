/// A tool call has its result.
package struct ToolFinish: Sendable, Hashable, Codable {
    package var id: String
    package var failed: Bool
    /// Refused by the agent's permission rules: the tool did not run.
    package var denied: Bool
    /// Capped like `ToolExecution.output`.
    package var output: String?

    package init(id: String, failed: Bool, denied: Bool = false, output: String? = nil) {
        self.id = id
        self.failed = failed
        self.denied = denied
        self.output = output
    }
}
