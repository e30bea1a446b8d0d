import Foundation
import Glibc

/// A folder beside an attempt in which its agent's questions lie, and the answers to them.
struct QuestionBox: Sendable {
    let folder: String

    private static let limit = 64 << 10

    private func question(_ number: Int) -> String { "\(folder)/question-\(number).json" }
    private func answer(_ number: Int) -> String { "\(folder)/answer-\(number).json" }

    func ask(_ question: PermissionQuestion) throws {
        try put(question, at: self.question(question.number))
    }

    /// Those that wait now, in the order in which they were asked.
    func waiting(at now: Date) -> [PermissionQuestion] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix("question-") && $0.hasSuffix(".json") }
            .compactMap { read(PermissionQuestion.self, "\(folder)/\($0)") }
            .filter { $0.expiresAt > now && access(answer($0.number), F_OK) != 0 }
            .sorted { $0.number < $1.number }
    }

    /// False when it was answered before.
    func give(_ answer: PermissionQuestion.Answer, to number: Int) throws -> Bool {
        let path = self.answer(number)
        let new = "\(path).\(getpid())"
        try StepFiles(folder: folder).write(Array(try JSONEncoder().encode(answer)), to: new)
        defer { unlink(new) }
        if link(new, path) == 0 { return true }
        guard errno == EEXIST else { throw StepFiles.failure(path) }
        return false
    }

    func answer(to number: Int) -> PermissionQuestion.Answer? {
        read(PermissionQuestion.Answer.self, answer(number))
    }

    /// Takes a question away that is answered, or that nobody answers any more.
    func close(_ number: Int) {
        unlink(question(number))
        unlink(answer(number))
    }

    private func put(_ value: some Encodable, at path: String) throws {
        try StepFiles(folder: folder).write(Array(try JSONEncoder().encode(value)), to: path + ".new")
        guard rename(path + ".new", path) == 0 else { throw StepFiles.failure(path) }
    }

    private func read<T: Decodable>(_ type: T.Type, _ path: String) -> T? {
        StepFiles.read(path, limit: Self.limit).flatMap { try? JSONDecoder().decode(type, from: Data($0)) }
    }
}
