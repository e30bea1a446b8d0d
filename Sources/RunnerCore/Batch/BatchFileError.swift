/// What is wrong in a file of tasks, and where.
package struct BatchFileError: Error, Hashable, CustomStringConvertible {
    /// The file as a person named it.
    package let file: String
    /// "line 3", "item 3"; nil for the file as a whole.
    package let place: String?
    package let reason: String

    package var description: String {
        "the tasks in \"\(file)\" cannot be used: \(place.map { "\($0): " } ?? "")\(reason)"
    }
}
