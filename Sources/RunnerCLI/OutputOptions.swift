import ArgumentParser

/// The options that every command shares.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON with stable keys.")
    var json = false

    @Flag(name: [.long, .short], help: "Print only ids or numbers, and no progress.")
    var quiet = false
}
