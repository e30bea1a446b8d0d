import ArgumentParser
import Testing

@testable import RunnerCLI

@Suite("names of commands")
struct CommandNameTests {
    /// What does not say its name has it made from its type, for all commands and at each start.
    private static func nameless(below command: any ParsableCommand.Type) -> [String] {
        let configuration = command.configuration
        return (configuration.commandName == nil ? [String(describing: command)] : [])
            + configuration.subcommands.flatMap(nameless(below:))
    }

    private static func count(below command: any ParsableCommand.Type) -> Int {
        command.configuration.subcommands.reduce(1) { $0 + count(below: $1) }
    }

    /// Commands whose name one before them in their group has.
    private static func twins(below command: any ParsableCommand.Type) -> [String] {
        var (names, twins): (Set<String>, [String]) = ([], [])
        for child in command.configuration.subcommands {
            if !names.insert(child.configuration.commandName ?? "").inserted { twins.append("\(child)") }
            twins += Self.twins(below: child)
        }
        return twins
    }

    private struct Twins: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "t", subcommands: [Stated.self, Stated.self])
    }

    private struct Stated: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "stated", subcommands: [Unstated.self])
    }

    private struct Unstated: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Has no name.")
    }

    @Test("every command states its name, and no two of one group have the same")
    func names() {
        #expect(Self.nameless(below: RunnerCommand.self) == [])
        // The walk sees all of them.
        #expect(Self.count(below: RunnerCommand.self) > 90)
        // The control: one that states none is found, however deep.
        #expect(Self.nameless(below: Stated.self) == ["Unstated"])
        #expect(Self.twins(below: RunnerCommand.self) == [])
        #expect(Self.twins(below: Twins.self) == ["Stated"])
    }
}
