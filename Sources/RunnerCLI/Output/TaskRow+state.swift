import RunnerCore

extension TaskRecord {
    /// What its agent asks a person, of the open questions by task number: what agents write counts for a task that runs.
    func question(among titles: @autoclosure () -> [Int: String]) -> String? {
        status == .running ? titles()[number] : nil
    }
}

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
