import ArgumentParser
import RunnerCore

/// The word of a command line that stands where a command is expected and is none.
///
/// ArgumentParser tells of it as of an unexpected argument, and counts everything after it as one too.
enum UnknownCommand {
    /// Nil where the commands of `arguments` are all known; options before a command are not looked behind.
    static func failure(in arguments: [String]) -> Failure? {
        var path = "runner"
        var known = RunnerCommand.configuration.subcommands
        for word in arguments {
            guard !known.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
            guard let next = known.first(where: { $0._commandName == word }) else {
                return failure(of: word, after: path, known: known)
            }
            path += " \(word)"
            known = next.configuration.subcommands
        }
        return nil
    }

    private static func failure(of word: String, after path: String, known: [any ParsableCommand.Type]) -> Failure {
        let shown = known.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
        let near = Suggestion.closest(to: word, among: shown)
        return Failure(
            .usage, "there is no command \"\(path) \(word)\"",
            hint: near.map { "did you mean \"\(path) \($0)\"?" } ?? "see \(path) --help")
    }
}
