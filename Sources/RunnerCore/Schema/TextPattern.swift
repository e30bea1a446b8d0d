/// A regular expression that takes time in proportion to its length times the text's, whatever both are.
///
/// Texts, `.`, classes, `\d \w \s \D \W \S`, `^` and `$`, groups, `|`, `* + ? {m,n}`; no look-around and no
/// back-references, which is what makes the promise possible. As in JSON Schema it may match anywhere in the text.
package struct TextPattern: Sendable, Hashable {
    /// Longer patterns, and those that unfold to more, are refused.
    static let sizeLimit = 1_000
    /// Longer texts are not compared.
    package static let textLimit = 1 << 16

    enum Instruction: Sendable, Hashable {
        case scalar(ScalarSet)
        case split(Int, Int)
        case jump(Int)
        case start, end, match
    }

    package let text: String
    private let program: [Instruction]

    package init(_ text: String) throws(TextPatternError) {
        guard text.unicodeScalars.count <= Self.sizeLimit else {
            throw TextPatternError("the pattern is longer than \(Self.sizeLimit) characters")
        }
        self.text = text
        var parser = TextPatternParser(text)
        var program: [Instruction] = []
        try Self.emit(try parser.parse(), into: &program)
        program.append(.match)
        self.program = program
    }

    /// Whether it matches somewhere in `text`.
    package func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        // By instruction: the position at which it was added last, so that none is added twice.
        var marks = [Int](repeating: -1, count: program.count)
        var current: [Int] = []
        for position in 0...scalars.count {
            // What survived from the position before is in `current` already, not yet followed.
            var threads: [Int] = []
            for thread in current + [0] where follow(thread, position, scalars.count, &marks, &threads) { return true }
            guard position < scalars.count else { return false }
            current = []
            for thread in threads {
                if case .scalar(let set) = program[thread], set.contains(scalars[position]) {
                    current.append(thread + 1)
                }
            }
        }
        return false
    }

    /// Adds every instruction that waits for a scalar and is reached from `first`; true when the end is reached.
    private func follow(
        _ first: Int, _ position: Int, _ count: Int, _ marks: inout [Int], _ threads: inout [Int]
    ) -> Bool {
        var open = [first]
        while let next = open.popLast() {
            guard marks[next] != position else { continue }
            marks[next] = position
            switch program[next] {
            case .match: return true
            case .jump(let target): open.append(target)
            case .split(let a, let b):
                open.append(b)
                open.append(a)
            case .start: if position == 0 { open.append(next + 1) }
            case .end: if position == count { open.append(next + 1) }
            case .scalar: threads.append(next)
            }
        }
        return false
    }

    private static func emit(_ node: TextPatternNode, into program: inout [Instruction]) throws(TextPatternError) {
        guard program.count <= sizeLimit else {
            throw TextPatternError("the pattern is too large once its repetitions are written out")
        }
        switch node {
        case .empty: break
        case .set(let set): program.append(.scalar(set))
        case .start: program.append(.start)
        case .end: program.append(.end)
        case .sequence(let nodes):
            for node in nodes { try emit(node, into: &program) }
        case .choice(let a, let b):
            let split = program.count
            program.append(.jump(0))
            try emit(a, into: &program)
            let jump = program.count
            program.append(.jump(0))
            program[split] = .split(split + 1, program.count)
            try emit(b, into: &program)
            program[jump] = .jump(program.count)
        case .repeated(let inner, let least, let most):
            for _ in 0..<least {
                let before = program.count
                try emit(inner, into: &program)
                // Nothing, however often: repetitions inside repetitions of nothing would never come to the limit.
                if program.count == before { break }
            }
            guard let most else {
                let split = program.count
                program.append(.jump(0))
                try emit(inner, into: &program)
                program.append(.jump(split))
                program[split] = .split(split + 1, program.count)
                return
            }
            var splits: [Int] = []
            for _ in least..<max(least, most) {
                splits.append(program.count)
                program.append(.jump(0))
                try emit(inner, into: &program)
            }
            for split in splits { program[split] = .split(split + 1, program.count) }
        }
    }
}
