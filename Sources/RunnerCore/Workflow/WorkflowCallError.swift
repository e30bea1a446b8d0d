/// Why the workflows that a workflow calls cannot be put in place.
package enum WorkflowCallError: Error, Hashable, CustomStringConvertible {
    case unknown(String, step: String)
    case circle([String])
    case tooDeep(limit: Int)
    case tooManySteps(limit: Int)
    case nameTooLong(String)
    case unknownInput(String, workflow: String, step: String, suggestion: String?)
    case missingInput(String, workflow: String, step: String)

    package var description: String {
        switch self {
        case .unknown(let name, let step): "step \"\(step)\" calls the workflow \"\(name)\", which does not exist"
        case .circle(let names): "workflows call each other in a circle: \(names.joined(separator: " → "))"
        case .tooDeep(let limit): "workflows call each other more than \(limit) deep"
        case .tooManySteps(let limit): "with the workflows that it calls it can come to more than \(limit) steps"
        case .nameTooLong(let key): "the step \"\(key.shortened)\" has a name of more than 200 characters; shorten ids"
        case .unknownInput(let name, let workflow, let step, let suggestion):
            "step \"\(step)\" gives the workflow \"\(workflow)\" an input \"\(name)\" that it does not have"
                + (suggestion.map { ", did you mean \"\($0)\"?" } ?? "")
        case .missingInput(let name, let workflow, let step):
            "step \"\(step)\" does not give the workflow \"\(workflow)\" its input \"\(name)\""
        }
    }
}
