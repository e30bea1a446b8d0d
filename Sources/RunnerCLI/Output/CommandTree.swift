import ArgumentParser
import Foundation

/// The command tree as ArgumentParser itself describes it (`--experimental-dump-help`).
struct CommandTree: Decodable {
    struct Command: Decodable {
        struct Argument: Decodable {
            struct Name: Decodable {
                let kind: String
                let name: String
            }

            let kind: String
            let shouldDisplay: Bool
            let isOptional: Bool
            let isRepeating: Bool
            let names: [Name]?
            let preferredName: Name?
            let valueName: String?
            let defaultValue: String?
            let abstract: String?
        }

        let commandName: String
        let abstract: String?
        let discussion: String?
        let shouldDisplay: Bool
        let subcommands: [Command]?
        let arguments: [Argument]?
    }

    let command: Command

    static func current() throws -> CommandTree {
        try JSONDecoder().decode(CommandTree.self, from: Data(RunnerCommand._dumpHelp().utf8))
    }

    /// Every command that people see, with the words that lead to it.
    var commands: [(path: String, command: Command)] {
        var found: [(String, Command)] = []
        func visit(_ command: Command, _ prefix: String) {
            guard command.shouldDisplay, command.commandName != "help" else { return }
            let path = prefix.isEmpty ? command.commandName : "\(prefix) \(command.commandName)"
            found.append((path, command))
            command.subcommands?.forEach { visit($0, path) }
        }
        visit(command, "")
        return found
    }
}

extension CommandTree.Command {
    /// Arguments that people see; `--help` and `--version` are on every command.
    var shown: [Argument] {
        (arguments ?? []).filter { $0.shouldDisplay && !["help", "version"].contains($0.preferredName?.name ?? "") }
    }

    func usage(_ path: String) -> String {
        var words = [path]
        if subcommands?.contains(where: \.shouldDisplay) == true { words.append("<command>") }
        words += shown.map { argument in
            let text = argument.synopsis
            return argument.isOptional
                ? "[\(text)]\(argument.isRepeating ? "…" : "")" : text + (argument.isRepeating ? "…" : "")
        }
        return words.joined(separator: " ")
    }
}

extension CommandTree.Command.Argument {
    var synopsis: String {
        guard kind != "positional" else { return "<\(valueName ?? "value")>" }
        let name = preferredName.map { $0.kind == "short" ? "-\($0.name)" : "--\($0.name)" } ?? ""
        return kind == "flag" ? name : "\(name) <\(valueName ?? "value")>"
    }

    /// All spellings, as `-w, --workflow <workflow>`.
    var spellings: String {
        guard kind != "positional" else { return synopsis }
        let all = (names ?? []).map { $0.kind == "short" ? "-\($0.name)" : "--\($0.name)" }
            .sorted { $0.count < $1.count }.joined(separator: ", ")
        return kind == "flag" ? all : "\(all) <\(valueName ?? "value")>"
    }

    var explanation: String {
        let text = abstract ?? ""
        guard let defaultValue, !defaultValue.isEmpty, kind != "flag" else { return text }
        return "\(text) (default: \(defaultValue))"
    }
}
