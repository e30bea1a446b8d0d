import Foundation
import RunnerCore
import TestSupport
import Testing

@Suite("Random stages")
struct StagePropertyTests {
    /// One workflow written twice: with stages, and with what they stand for.
    private struct Twins {
        var random: SeededGenerator
        var stages = "stages:\n"
        var staged = "steps:\n"
        var plain = "steps:\n"
        private var number = 0
        /// What a later step may need: written with stages and without, these are the same.
        private var earlier: [String] = []

        init(_ random: SeededGenerator) {
            self.random = random
        }

        private mutating func flip() -> Bool { Bool.random(using: &random) }

        mutating func write() {
            let count = Int.random(in: 1...5, using: &random)
            for index in 1...count { writeStage(index, isLast: index == count) }
        }

        private mutating func writeStage(_ index: Int, isLast: Bool) {
            let name = "Stage \(index)"
            let (isParallel, isRequired, isManual) = (flip(), flip(), !isLast && flip())
            let agent = flip() ? "codex" : nil
            stages += "  - name: \(name)\n    parallel: \(isParallel)\n    required: \(isRequired)\n"
            if let agent { stages += "    agent: \(agent)\n" }
            if isManual { stages += "    transition: manual\n" }
            let steps = (0..<Int.random(in: 1...3, using: &random)).map { _ in writeStep(isParallel, agent, name) }
            let accepts = isRequired ? "" : ", continue-on-error: true"
            let needs = earlier.filter { _ in flip() }
            let list = needs.isEmpty ? "" : ", needs: [\(needs.joined(separator: ", "))]"
            if isParallel, steps.count > 1 {
                // In the stage one step or all say what it waits for.
                for (place, step) in steps.enumerated() {
                    staged += "  - { \(step.staged)\(place == 0 ? list : "") }\n"
                }
                plain += "  - id: stage-\(index)\n    stage: \(name)\n    parallel:\n"
                for step in steps { plain += "      - { \(step.plain) }\n" }
                if !isRequired { plain += "    continue-on-error: true\n" }
                if !needs.isEmpty { plain += "    needs: [\(needs.joined(separator: ", "))]\n" }
                earlier.append("stage-\(index)")
            } else {
                for step in steps {
                    staged += "  - { \(step.staged)\(list) }\n"
                    plain += "  - { \(step.plain)\(list)\(step.asks ? "" : accepts) }\n"
                    earlier.append(step.id)
                }
            }
            guard isManual else { return }
            plain += "  - id: stage-\(index)-done\n    stage: \(name)\n"
            plain += "    approval: 'Stage \"\(name)\" is done. Go on with \"Stage \(index + 1)\"?'\n"
            earlier.append("stage-\(index)-done")
        }

        private mutating func writeStep(
            _ isParallel: Bool, _ agent: String?, _ stage: String
        ) -> (id: String, staged: String, plain: String, asks: Bool) {
            number += 1
            let id = "s\(number)"
            let start = "id: \(id), stage: \(stage), "
            let chosen = agent ?? "default"
            func loop(_ agent: String, _ more: String) -> String {
                start + "loop: { steps: [{ id: \(id)-in, \(more)agent: \(agent), prompt: p }] }"
            }
            switch Int.random(in: 0..<(isParallel ? 2 : 4), using: &random) {
            case 0:
                let script = start + "run: x, writes: false"
                return (id, script, script, false)
            case 1:
                let more = ", prompt: p, writes: false"
                return (id, start + "agent: default" + more, start + "agent: \(chosen)" + more, false)
            case 2: return (id, loop("default", ""), loop(chosen, "stage: \(stage), "), false)
            default: return (id, start + "approval: go?", start + "approval: go?", true)
            }
        }
    }

    @Test("a workflow with stages is the same as one that has what they stand for")
    func twins() throws {
        let seed =
            UInt64(ProcessInfo.processInfo.environment["RUNNER_TEST_SEED"] ?? "") ?? UInt64.random(in: 0..<1 << 40)
        var random = SeededGenerator(seed: seed)
        var differ = 0
        for number in 0..<300 {
            var twins = Twins(random)
            twins.write()
            random = twins.random
            let label: Comment = "seed \(seed), workflow \(number)\n\(twins.stages)\(twins.staged)\n\(twins.plain)"
            let staged = try StageTests.parse("name: w\n" + twins.stages + twins.staged)
            let plain = try StageTests.parse("name: w\n" + twins.plain)
            #expect(staged.steps == plain.steps, label)
            #expect(staged.executionOrder.map(\.id) == staged.steps.map(\.id), label)
            #expect(plain.stages.isEmpty && !staged.stages.isEmpty, label)
            // Otherwise the comparison might be blind.
            let bare = twins.stages.split(separator: "\n").map { line in
                line.contains(": ") && !line.contains("name: ") ? "" : line + "\n"
            }.joined()
            if let other = try? StageTests.parse("name: w\n" + bare + twins.staged), other.steps != plain.steps {
                differ += 1
            }
        }
        #expect(differ > 30)
    }
}
