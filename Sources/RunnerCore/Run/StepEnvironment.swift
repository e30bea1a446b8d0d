/// Which environment variables of the runner's own process a step may see.
package enum StepEnvironment {
    private static let names: Set<String> = [
        "PATH", "HOME", "LANG", "LANGUAGE", "TERM", "TZ", "USER", "LOGNAME", "SHELL", "TMPDIR",
    ]

    /// A step has no terminal: an editor that git opened, for a `rebase --continue`, would wait for hours. By `:` git takes
    /// what it proposes, and a commit without a message fails at once.
    private static let own = ["GIT_EDITOR": ":"]

    /// The allowed part of `inherited`, what keeps git from waiting for a person, and `declared`, which wins and may name
    /// anything.
    ///
    /// Nothing else gets through: no `GIT_*`, `LD_*`, `SSH_AUTH_SOCK`, `*_PROXY` or token, unless it is declared. The
    /// caller adds the `RUNNER_*` variables of the step.
    package static func allowed(
        from inherited: [String: String], declared: [String: String] = [:]
    ) -> [String: String] {
        inherited.filter { isAllowed($0.key) }.merging(own) { $1 }.merging(declared) { $1 }
    }

    private static func isAllowed(_ name: String) -> Bool {
        names.contains(name) || name.hasPrefix("LC_") && EnvironmentName.isValid(name)
    }
}
