import Agents
import ArgumentParser
import Foundation
import RunnerCore

struct AgentDecode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode", abstract: "Read an agent's stream on standard input, print its events as JSON lines.")

    @Argument(help: "The adapter: \(AdapterRegistry.names.joined(separator: ", ")).")
    var adapter: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        guard let adapter = AdapterRegistry.adapter(named: adapter) else {
            throw ValidationError(
                "There is no adapter \"\(adapter)\"; use one of \(AdapterRegistry.names.joined(separator: ", ")).")
        }
        var decoder = adapter.makeDecoder()
        while let data = try FileHandle.standardInput.read(upToCount: 64 << 10), !data.isEmpty {
            try decoder.feed(data, at: Date()).forEach { Terminal.write(try $0.jsonLine() + "\n") }
        }
        try decoder.endOfOutput(at: Date()).forEach { Terminal.write(try $0.jsonLine() + "\n") }
        Terminal.write(try decoder.finish(.unknown, at: Date()).jsonLine() + "\n")
    }
}
