/// The text of the systemd unit that keeps `runner serve` running, and of the file with its environment.
struct ServiceUnit: Sendable {
    /// Absolute paths.
    let program: String
    let environmentFile: String
    let isSystem: Bool

    static let name = "runner.service"

    var text: String {
        """
        # Written by "runner service install"; it writes it anew, so put changes into a drop-in file.
        [Unit]
        Description=runner: coding agents and scripts on Git repositories
        After=network-online.target
        StartLimitIntervalSec=0

        [Service]
        Type=exec
        ExecStart=\(ServiceUnit.quoted(program)) serve
        EnvironmentFile=-\(environmentFile.replacing("%", with: "%%"))
        Restart=always
        RestartSec=1
        # The supervisors of running steps outlive a restart, and the new worker goes on with them.
        KillMode=process
        Delegate=yes

        [Install]
        WantedBy=\(isSystem ? "multi-user.target" : "default.target")

        """
    }

    /// What the service gets of the installer's environment: where its data and its database are, and where agents
    /// are found. The file may hold the database's password, so it is for its owner's eyes only.
    static func environment(_ variables: [String: String]) throws -> String {
        let kept = variables.filter { name, _ in
            // The service has limits of its own.
            if name == CallerLimits.openFilesVariable { return false }
            return name == "PATH" || name.hasPrefix("XDG_") && name.hasSuffix("_HOME") || name.hasPrefix("RUNNER_")
        }
        let lines = try kept.sorted { $0.key < $1.key }.map { name, value in
            guard !value.contains(where: { $0.isNewline || $0 == "\0" }) else {
                throw EngineError(
                    .invalidArgument, "the variable \(name) has a line break, which a service file cannot hold",
                    hint: "unset it and install again")
            }
            return "\(name)=\(escaped(value))"
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// systemd.service(5): quotes, then specifiers and variables, which are not meant here.
    private static func quoted(_ path: String) -> String {
        escaped(path).replacing("%", with: "%%").replacing("$", with: "$$")
    }

    private static func escaped(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
