import ArgumentParser
import Engine

/// The options of all three.
struct ServiceOptions: ParsableArguments {
    @Flag(name: .long, help: "The machine's systemd instead of the user's own; needs root.")
    var system = false

    func service() throws -> Service { try Service(try Session.settings(), isSystem: system) }
}
