/// The rule for names of environment variables.
package enum EnvironmentName {
    /// A letter or `_`, then letters, digits and `_`.
    package static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
        }
    }

    /// `RUNNER_INPUT_DRY_RUN` for the input `dry-run`.
    package static func ofInput(_ input: String) -> String {
        "RUNNER_INPUT_" + input.uppercased().replacing("-", with: "_")
    }
}
