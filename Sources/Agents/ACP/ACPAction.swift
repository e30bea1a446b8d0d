package import RunnerCore

/// What an ACP conversation wants done, in this order.
package enum ACPAction: Sendable, Hashable {
    /// A line for the attempt's output, without its newline.
    case put([UInt8])
    /// A line for the agent's standard input, without its newline.
    case send([UInt8])
    /// The agent asks for a text file; lines are counted from 1.
    case read(id: JSONValue, path: String, line: Int?, limit: Int?)
    case write(id: JSONValue, path: String, text: String)
    /// A person has to be asked; the answer goes to `decide`.
    case ask(number: Int, title: String, detail: String)
    /// Nothing more is to be said.
    case end
}
