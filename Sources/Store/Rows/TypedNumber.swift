/// The number by which a person named a task or a batch: `12`, or `#12`, blanks around it aside.
struct TypedNumber {
    /// Without blanks and `#`.
    let word: String
    let hasMark: Bool
    /// Whether it is one, however large.
    let isNumber: Bool

    init(_ text: String) {
        let trimmed = text.drop(while: \.isWhitespace)
        let end = trimmed.lastIndex { !$0.isWhitespace }.map { trimmed.index(after: $0) } ?? trimmed.startIndex
        let typed = trimmed[..<end]
        hasMark = typed.hasPrefix("#")
        word = String(hasMark ? typed.dropFirst() : typed)
        isNumber = !word.isEmpty && word.allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// Nil for what is no number, and for one that is larger than any that was given.
    var value: Int? { isNumber ? Int32(word).map(Int.init) : nil }
}
