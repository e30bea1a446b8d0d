import ArgumentParser

extension RunnerCommand {
    /// The command that the words of a command line lead to, and the words behind it.
    static func named(by arguments: ArraySlice<String>) -> (type: any ParsableCommand.Type, rest: ArraySlice<String>) {
        var (type, rest): (any ParsableCommand.Type, _) = (RunnerCommand.self, arguments)
        while let next = type.configuration.subcommands.first(where: { $0._commandName == rest.first }) {
            type = next
            rest.removeFirst()
        }
        return (type, rest)
    }
}
