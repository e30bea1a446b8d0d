/// Where a person's configuration files are.
enum ConfigFolder {
    /// `$XDG_CONFIG_HOME`, where that is a whole path, else `~/.config`; nil when no home is known.
    static func path(environment: [String: String]) -> String? {
        environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? environment["HOME"].map { $0 + "/.config" }
    }
}
