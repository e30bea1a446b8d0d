import Agents
import ArgumentParser
import Engine
import Foundation
import RunnerCore

struct AgentDecode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode", abstract: "Read an agent's stream on standard input, print its events as JSON lines.")

    @Argument(help: "The agent, as agent list names it.")
    var adapter: String

    @Flag(help: "Print what decoding costs instead of the events.")
    var cost = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let adapter = try AgentCatalog.adapter(adapter)
        if cost {
            let input = try FileHandle.standardInput.readToEnd() ?? Data()
            let cost = DecodingCost(of: adapter, on: input)
            return output.json ? try JSONOutput.print(cost) : Terminal.write(cost.text)
        }
        var decoder = adapter.makeDecoder()
        while let data = try FileHandle.standardInput.read(upToCount: 64 << 10), !data.isEmpty {
            try decoder.feed(data, at: Date()).forEach { Terminal.write(try $0.jsonLine() + "\n") }
        }
        try decoder.endOfOutput(at: Date()).forEach { Terminal.write(try $0.jsonLine() + "\n") }
        Terminal.write(try decoder.finish(.unknown, at: Date()).jsonLine() + "\n")
    }
}
