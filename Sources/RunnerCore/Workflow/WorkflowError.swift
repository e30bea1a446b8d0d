/// One thing that is wrong in a workflow file, and where.
package struct WorkflowError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    package let file: String
    /// From 1.
    package let line: Int
    /// From 1, in characters.
    package let column: Int
    /// As `steps[2].needs[0]`; empty for the whole file.
    package let keyPath: String
    package let message: String

    package init(file: String, line: Int, column: Int, keyPath: String, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.keyPath = keyPath
        self.message = message
    }

    package var description: String {
        "\(file):\(line):\(column): " + (keyPath.isEmpty ? "" : "\(keyPath): ") + message
    }
}
