import ArgumentParser
import Store

/// A number below zero where a command takes a task or a batch: it was read as an option.
enum NegativeNumber {
    private static let flags: Set<String> = ["--json", "--quiet", "-q"]

    /// Nil where the first argument of the command is no task and no batch, or something else stands in its place.
    static func failure(in arguments: [String]) -> Failure? {
        let (type, rest) = RunnerCommand.named(by: arguments[...])
        guard let argument = firstArgument(of: type),
            let place = rest.firstIndex(where: { $0.wholeMatch(of: /-[0-9]+([.,][0-9]+)?/) != nil })
        else { return nil }
        let before = rest[..<place].filter { !flags.contains($0) }
        switch argument {
        case "task", "batch", "source":
            guard before.isEmpty else { return nil }
        case "tasks":
            guard !before.contains(where: { $0.hasPrefix("-") }) else { return nil }
        default: return nil
        }
        return Failure(store: .noReference(kind: argument == "batch" ? "batch" : "task", text: rest[place]))
    }

    /// The name of what comes first behind the command, as its usage shows it; nil where that is an option.
    private static func firstArgument(of type: any ParsableCommand.Type) -> String? {
        let words = type.usageString().split { $0 == " " || $0 == "[" || $0 == "]" }
        guard let first = words.first(where: { $0.hasPrefix("<") || $0.hasPrefix("-") }), first.hasPrefix("<") else {
            return nil
        }
        return String(first.dropFirst().prefix { $0 != ">" })
    }
}
