import ArgumentParser
import Engine
import Foundation
import RunnerCore
import Store

struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Print a task's events, oldest first.")

    @Argument(help: "The task's number.")
    var task: String

    @Option(help: "Only events after this one.")
    var after = 0

    @OptionGroup var output: OutputOptions

    private static let page = 10_000

    func run() async throws {
        let (text, after, output) = (task, after, output)
        try await Session.with(tidies: true) { workspace in
            let task = try await workspace.store.task(matching: text)
            var last = after
            while true {
                let events = try await workspace.store.events(of: task.id, after: last, limit: Self.page)
                try Self.print(events, output)
                guard events.count == Self.page, let id = events.last?.id else { return }
                last = id
            }
        }
    }

    private static func print(_ events: [EventRecord], _ output: OutputOptions) throws {
        if output.json { return try events.forEach(JSONOutput.printLine) }
        if output.quiet { return Terminal.write(events.map { "\($0.id)\n" }.joined()) }
        let encoder = JSONOutput.encoder(pretty: false)
        for event in events {
            let detail = String(decoding: try encoder.encode(event.detail), as: UTF8.self)
            Terminal.write("\(Moments.iso(event.createdAt))  \(event.kind)  \(detail == "{}" ? "" : detail)\n")
        }
    }
}
