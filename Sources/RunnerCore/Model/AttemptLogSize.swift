/// How much of an attempt's output was written, and how much of it was kept, in bytes.
package struct AttemptLogSize: Sendable, Hashable, Codable {
    package var stdoutTotal: Int
    package var stdoutKept: Int
    package var stderrTotal: Int
    package var stderrKept: Int

    package init(stdoutTotal: Int, stdoutKept: Int, stderrTotal: Int, stderrKept: Int) {
        self.stdoutTotal = stdoutTotal
        self.stdoutKept = stdoutKept
        self.stderrTotal = stderrTotal
        self.stderrKept = stderrKept
    }

    package var missing: Int { stdoutTotal + stderrTotal - stdoutKept - stderrKept }
}
