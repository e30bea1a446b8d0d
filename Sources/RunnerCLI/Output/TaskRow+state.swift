import RunnerCore

extension TaskRow {
    /// A person has to say something before it goes on.
    var waitsForPerson: Bool { question != nil || status == .waiting && gate != nil }

    /// Its state in words, with what it waits for.
    var state: String {
        if question != nil { return "asks for permission" }
        guard status == .waiting else { return status.rawValue }
        if let gate { return "waiting for approval of \(gate)" }
        guard waitsFor.isEmpty else { return TaskNumbers.waiting(for: waitsFor) }
        if let bound = hold?.budget {
            return "waiting for \(bound.title)" + (dueAt.map { ", \(Moments.relative($0))" } ?? "")
        }
        guard let dueAt else { return "waiting" }
        return "waiting, \(Moments.relative(dueAt))"
    }
}
