import Glibc

/// Who the commits of steps are by, where the `git` that a step runs would not find it by itself.
extension Hub {
    private var identityFile: String { path + "/runner.identity" }

    /// Has `git` in all worktrees of the hub commit as this person; nil: as the person's configuration has it.
    ///
    /// Costs one look where it is so already. Neither text may hold a line end.
    package func setIdentity(_ identity: (name: String, email: String)?) throws(GitError) {
        let wanted = identity.map { Array("\($0.name)\n\($0.email)\n".utf8) }
        guard Directory.read(identityFile) != wanted else { return }
        if let wanted { try Directory.write(wanted, to: identityFile) } else { unlink(identityFile) }
        _ = try resetConfiguration()
    }

    /// What the configuration says of it; nothing where the file is not as we write it, for steps can reach it.
    var identityConfiguration: String {
        guard let bytes = Directory.read(identityFile), let text = String(validating: bytes, as: UTF8.self) else {
            return ""
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 3, lines[2].isEmpty, !lines[0].isEmpty, !lines[1].isEmpty,
            !text.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\n" || $0.value == 0x7F })
        else { return "" }
        return "[user]\n\tname = \(Self.quoted(lines[0]))\n\temail = \(Self.quoted(lines[1]))\n"
    }

    private static func quoted(_ text: Substring) -> String {
        "\"" + text.reduce(into: "") { $0 += $1 == "\"" || $1 == "\\" ? "\\\($1)" : "\($1)" } + "\""
    }
}
