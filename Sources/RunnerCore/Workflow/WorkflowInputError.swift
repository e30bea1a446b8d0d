/// Why a workflow cannot start with the inputs it was given.
package enum WorkflowInputError: Error, Hashable, CustomStringConvertible {
    case unknown(name: String, suggestion: String?)
    case missing(name: String)
    case wrongKind(name: String, text: String, expected: String)

    package var description: String {
        switch self {
        case .unknown(let name, let suggestion):
            "the workflow has no input \"\(name)\"" + (suggestion.map { ", did you mean \"\($0)\"?" } ?? "")
        case .missing(let name):
            "the workflow needs the input \"\(name)\""
        case .wrongKind(let name, let text, let expected):
            "the input \"\(name)\" must be \(expected), not \"\(text)\""
        }
    }
}
