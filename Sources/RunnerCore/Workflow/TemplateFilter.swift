/// The filters that templates may use; Stencil's others take arguments that can crash it.
enum TemplateFilter: String, Sendable, CaseIterable {
    case `default`, capitalize, uppercase, lowercase, join, split, indent

    /// What is wrong with `arguments`; nil when they fit.
    func complaint(about arguments: [JSONValue]) -> String? {
        switch self {
        case .capitalize, .uppercase, .lowercase:
            return arguments.isEmpty ? nil : "the filter \"\(rawValue)\" takes no argument"
        case .default:
            return arguments.count == 1 ? nil : "the filter \"default\" takes one argument: default:\"text\""
        case .join, .split:
            if arguments.isEmpty || arguments.count == 1 && arguments[0].stringValue != nil { return nil }
            return "the filter \"\(rawValue)\" takes one text: \(rawValue):\",\""
        case .indent:
            if arguments.isEmpty || arguments.count == 1 && (0...100).contains(arguments[0].intValue ?? -1) {
                return nil
            }
            return "the filter \"indent\" takes a number from 0 to 100: indent:4"
        }
    }
}
