import Foundation

extension CommandTree {
    /// The manual page runner(1), in man(7) macros.
    func manual() -> String {
        var text = """
            .TH RUNNER 1 "" "runner \(RunnerCommand.version)" "User Commands"
            .SH NAME
            runner \\- \(Self.escaped(command.abstract ?? ""))
            .SH SYNOPSIS
            .B runner
            .I command
            [options]
            .SH DESCRIPTION
            \(Self.escaped(command.discussion ?? ""))
            .SH COMMANDS

            """
        for (path, command) in commands.dropFirst() {
            text += ".SS \(Self.escaped(command.usage(path)))\n\(Self.escaped(command.abstract ?? ""))\n"
            if let discussion = command.discussion, !discussion.isEmpty { text += ".PP\n\(Self.escaped(discussion))\n" }
            for argument in command.shown {
                text += ".TP\n.B \(Self.escaped(argument.spellings))\n\(Self.escaped(argument.explanation))\n"
            }
        }
        return text
    }

    /// A line that begins with a dot or a quote would be a macro; a bare dash would become a hyphen.
    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "\\", with: "\\e").replacingOccurrences(of: "-", with: "\\-")
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&" + $0 : String($0) }
            .joined(separator: "\n")
    }
}
