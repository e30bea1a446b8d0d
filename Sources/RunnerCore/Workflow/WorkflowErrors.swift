/// All that is wrong in a workflow file, in the order of the file; never empty.
package struct WorkflowErrors: Error, Hashable, Sendable, CustomStringConvertible {
    package let errors: [WorkflowError]

    package init(_ errors: [WorkflowError]) {
        self.errors = errors
    }

    /// One line for each.
    package var description: String {
        errors.map(\.description).joined(separator: "\n")
    }
}
