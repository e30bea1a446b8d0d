extension CommandTree {
    /// docs/command-reference.md.
    func markdown() -> String {
        var text = "# Command reference\n\nMade from the command tree by `make docs`; do not edit.\n"
        for (path, command) in commands {
            text += "\n## \(path)\n\n\(command.abstract ?? "")\n\n    \(command.usage(path))\n"
            if let discussion = command.discussion, !discussion.isEmpty { text += "\n\(discussion)\n" }
            if !command.shown.isEmpty { text += "\n" }
            for argument in command.shown {
                text += "- `\(argument.spellings)`: \(argument.explanation)\n"
            }
        }
        return text
    }
}
