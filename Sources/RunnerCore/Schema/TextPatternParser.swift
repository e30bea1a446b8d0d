/// A part of a pattern.
indirect enum TextPatternNode {
    case empty, start, end
    case set(ScalarSet)
    case sequence([TextPatternNode])
    case choice(TextPatternNode, TextPatternNode)
    /// `most: nil` has no end.
    case repeated(TextPatternNode, least: Int, most: Int?)
}

/// Reads a pattern; what it does not know is refused, not taken for a text.
struct TextPatternParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    mutating func parse() throws(TextPatternError) -> TextPatternNode {
        let node = try choice()
        guard position == scalars.count else { throw TextPatternError("\")\" closes no group in the pattern") }
        return node
    }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private mutating func choice() throws(TextPatternError) -> TextPatternNode {
        var node = try sequence()
        while accept("|") { node = .choice(node, try sequence()) }
        return node
    }

    private mutating func sequence() throws(TextPatternError) -> TextPatternNode {
        var nodes: [TextPatternNode] = []
        while let next, next != "|", next != ")" { nodes.append(try repeated()) }
        return nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func repeated() throws(TextPatternError) -> TextPatternNode {
        let node = try atom()
        let range: (Int, Int?)
        if accept("*") {
            range = (0, nil)
        } else if accept("+") {
            range = (1, nil)
        } else if accept("?") {
            range = (0, 1)
        } else if next == "{" {
            range = try counts()
        } else {
            return node
        }
        if accept("?") || accept("+") {
            throw TextPatternError("lazy and possessive repetitions are not supported in a pattern")
        }
        if let next, "*{".unicodeScalars.contains(next) {
            throw TextPatternError("a repetition of a repetition needs a group in a pattern")
        }
        switch node {
        case .start, .end, .empty: throw TextPatternError("a pattern repeats what has no length")
        default: return .repeated(node, least: range.0, most: range.1)
        }
    }

    /// `{2}`, `{2,}` and `{2,4}`; leaves the position after it.
    private mutating func counts() throws(TextPatternError) -> (Int, Int?) {
        guard let close = scalars[position...].firstIndex(of: "}") else {
            throw TextPatternError("\"{\" is not closed in the pattern; write \\{ for the character")
        }
        let inner = String(String.UnicodeScalarView(scalars[(position + 1)..<close]))
        let parts = inner.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
        guard let least = Int(parts[0]), (0...1_000).contains(least) else {
            throw TextPatternError(
                "\"{\(inner.shortened)}\" is no repetition from 0 to 1000; write \\{ for the character")
        }
        position = close + 1
        guard parts.count == 2 else { return (least, least) }
        if parts[1].isEmpty { return (least, nil) }
        guard let most = Int(parts[1]), most >= least, most <= 1_000 else {
            throw TextPatternError("\"{\(inner.shortened)}\" is no repetition from 0 to 1000")
        }
        return (least, most)
    }

    private mutating func atom() throws(TextPatternError) -> TextPatternNode {
        guard let scalar = next else { throw TextPatternError("the pattern ends too early") }
        position += 1
        switch scalar {
        case "(": return try group()
        case "[": return .set(try characterClass())
        case ".": return .set(.any)
        case "^": return .start
        case "$": return .end
        case "\\": return .set(try escape())
        case "*", "+", "?", "{":
            throw TextPatternError("\"\(scalar)\" repeats nothing in the pattern; write \\\(scalar) for it")
        default: return .set(ScalarSet(scalar))
        }
    }

    private mutating func group() throws(TextPatternError) -> TextPatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 32 else { throw TextPatternError("the groups of the pattern nest deeper than 32") }
        if accept("?"), !accept(":") {
            throw TextPatternError("look-around and named groups are not supported in a pattern, only (?: and (")
        }
        let node = try choice()
        guard accept(")") else { throw TextPatternError("\"(\" is not closed in the pattern") }
        return node
    }

    private mutating func escape() throws(TextPatternError) -> ScalarSet {
        guard let scalar = next else { throw TextPatternError("the pattern ends with a backslash") }
        position += 1
        switch scalar {
        case "d": return .digits
        case "D": return ScalarSet.digits.inverted
        case "w": return .word
        case "W": return ScalarSet.word.inverted
        case "s": return .space
        case "S": return ScalarSet.space.inverted
        case "n": return ScalarSet("\n")
        case "r": return ScalarSet("\r")
        case "t": return ScalarSet("\t")
        default:
            // Letters and digits would be boundaries, classes or back-references.
            guard !ScalarSet.word.contains(scalar) || scalar == "_" else {
                throw TextPatternError("\"\\\(scalar)\" is not supported in a pattern")
            }
            return ScalarSet(scalar)
        }
    }

    private mutating func characterClass() throws(TextPatternError) -> ScalarSet {
        let isInverted = accept("^")
        var ranges: [ClosedRange<UInt32>] = []
        var isFirst = true
        while true {
            guard let scalar = next else { throw TextPatternError("\"[\" is not closed in the pattern") }
            position += 1
            if scalar == "]", !isFirst { return ScalarSet(ranges: ranges, isInverted: isInverted) }
            isFirst = false
            let set = scalar == "\\" ? try escape() : ScalarSet(scalar)
            let low = set.plain
            guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                ranges += low
                continue
            }
            position += 1
            guard let end = next else { throw TextPatternError("\"[\" is not closed in the pattern") }
            position += 1
            let high = (end == "\\" ? try escape() : ScalarSet(end)).plain
            guard let from = Self.single(low), let to = Self.single(high), from <= to else {
                throw TextPatternError("a range of the pattern is the wrong way round, or goes from or to a class")
            }
            ranges.append(from...to)
        }
    }

    private static func single(_ ranges: [ClosedRange<UInt32>]) -> UInt32? {
        guard ranges.count == 1, ranges[0].lowerBound == ranges[0].upperBound else { return nil }
        return ranges[0].lowerBound
    }
}
