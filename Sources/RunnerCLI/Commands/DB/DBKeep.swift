import ArgumentParser
import Engine

/// What a started private cluster leaves behind to stop it once nobody uses it; not for people.
struct DBKeep: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keep", abstract: "Stop the private database server once it is idle.", shouldDisplay: false)

    func run() async throws {
        try await DatabaseAdministration(settings: try Session.settings()).keepUntilIdle()
    }
}
