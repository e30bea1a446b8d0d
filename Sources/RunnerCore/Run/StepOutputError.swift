/// What is wrong in a step's output file.
package struct StepOutputError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1.
    package let line: Int
    package let message: String

    package var description: String { "the step's outputs, line \(line): \(message)" }
}
