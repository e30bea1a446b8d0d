import Foundation
import RunnerCore

/// The tool calls of one attempt, from their start to their result, within bounds.
struct ToolLedger {
    static let outputBytes = 16 * 1024
    static let argumentBytes = 16 * 1024
    private static let errorBytes = 2 * 1024
    private static let maximumCalls = 10_000
    /// All kept arguments and outputs together.
    private static let maximumBytes = 32 * 1024 * 1024

    /// Without their outputs until the end.
    private(set) var executions: [ToolExecution] = []
    private var outputs: [Range<Int>?] = []
    private var texts = TextStore(room: maximumBytes + outputBytes)
    /// How many calls came when the bounds were reached.
    private(set) var dropped = 0
    /// Those of them whose result is still to come, a thousand at most: it is no further call.
    private var droppedCalls: Set<String> = []
    private static let maximumDroppedCalls = 1_000
    private var positions: [String: Int] = [:]
    /// The call that was looked up last: a result mostly follows its start.
    private var latest: (id: String, position: Int)?
    private var denied: Set<String> = []
    private var unnamed = 0
    private var bytes = 0

    /// The id as it is kept: the agent's own, shortened, or one made up where it gave none.
    mutating func callID(_ id: String?) -> String {
        if let id, !id.isEmpty { return id.keepingHead(bytes: 200) }
        unnamed += 1
        return "unnamed-\(unnamed)"
    }

    /// The same of an id in a line, which `read` makes a text of unless it is the latest.
    mutating func callID(_ id: JSONView, _ read: (JSONView) -> String?) -> String {
        if let latest, id.isText(latest.id) { return latest.id }
        return callID(read(id))
    }

    private mutating func position(of id: String) -> Int? {
        if let latest, latest.id == id { return latest.position }
        guard let position = positions[id] else { return nil }
        latest = (id, position)
        return position
    }

    /// Takes a call that is not known yet, and gives its arguments, which are asked for then only; nil, and nothing changes,
    /// for one that is.
    @discardableResult
    mutating func start(_ id: String, name: String?, at time: Date, arguments: () -> JSONDocument) -> JSONDocument? {
        if let latest, latest.id == id { return nil }
        guard executions.count < Self.maximumCalls, bytes < Self.maximumBytes else {
            guard positions[id] == nil, !droppedCalls.contains(id) else { return nil }
            dropped += 1
            if droppedCalls.count < Self.maximumDroppedCalls { droppedCalls.insert(id) }
            return arguments()
        }
        latest = (id, executions.count)
        // Most are not known: one look for both.
        if let known = positions.updateValue(executions.count, forKey: id) {
            positions[id] = known
            latest = (id, known)
            return nil
        }
        let arguments = arguments()
        let name = name.flatMap { $0.isEmpty ? nil : $0 } ?? "unknown"
        bytes += arguments.text.utf8.count
        outputs.append(nil)
        executions.append(
            ToolExecution(callID: id, name: name.keepingHead(bytes: 200), arguments: arguments, startedAt: time))
        return arguments
    }

    /// Records a result, which decides about the call unless it had one before; one whose call was never seen is kept
    /// all the same.
    mutating func finish(_ id: String, output: String?, failed: Bool, at time: Date) {
        guard droppedCalls.remove(id) == nil else { return }
        start(id, name: nil, at: time) { .empty }
        guard let position = position(of: id), awaitsResult(position) else { return }
        let output = bytes < Self.maximumBytes ? output : nil
        bytes += output?.utf8.count ?? 0
        outputs[position] = output.map { texts.keep($0) }
        executions[position].completedAt = max(time, executions[position].startedAt)
        executions[position].status = denied.contains(id) ? .denied : failed ? .failed : .succeeded
        if failed || denied.contains(id) {
            executions[position].error = output.map { $0.keepingHead(bytes: Self.errorBytes) }
        }
    }

    /// A refused call has ended already, but its result, the reason of the refusal, comes after.
    private func awaitsResult(_ position: Int) -> Bool {
        let status = executions[position].status
        return status == .running || (status == .denied && outputs[position] == nil)
    }

    func isDenied(_ id: String) -> Bool {
        denied.contains(id)
    }

    /// The agent's permission rules refused the call, whether its result has been seen or not.
    mutating func deny(_ id: String, at time: Date) {
        guard denied.count < Self.maximumCalls else { return }
        denied.insert(id)
        guard let position = position(of: id) else { return }
        executions[position].status = .denied
        executions[position].completedAt = executions[position].completedAt ?? max(time, executions[position].startedAt)
    }

    /// All calls at the attempt's end: those still running have an unknown end.
    func closed() -> [ToolExecution] {
        zip(executions, outputs).map { execution, output in
            var execution = execution
            execution.keptOutput = output.map { TextPart(texts[$0]) }
            if execution.status == .running { execution.status = .unknown }
            return execution
        }
    }
}
