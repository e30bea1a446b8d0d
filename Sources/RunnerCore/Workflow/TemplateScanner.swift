/// Cuts a template into text and tags, with Stencil's delimiters and `{%-` trimming; comments are dropped.
///
/// Stencil's own scanner silently drops all text after a tag that is not closed, so it is never shown one.
struct TemplateScanner {
    /// Tags in one template; Stencil's parser takes quadratic time.
    static let tagLimit = 500

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var line = 1
    private var column = 1
    private var pieces: [TemplatePiece] = []
    private var text = String.UnicodeScalarView()
    private var trimsNextText = false

    static func pieces(of template: String) throws(TemplateError) -> [TemplatePiece] {
        var scanner = TemplateScanner(template)
        try scanner.run()
        return scanner.pieces
    }

    private init(_ template: String) {
        scalars = Array(template.unicodeScalars)
    }

    private mutating func run() throws(TemplateError) {
        while position < scalars.count {
            guard scalars[position] == "{", position + 1 < scalars.count,
                let end = TemplateScanner.ends[scalars[position + 1]]
            else {
                text.append(scalars[position])
                advance()
                continue
            }
            try readTag(closedBy: end)
        }
        flushText(trimmingEnd: false)
    }

    private static let ends: [Unicode.Scalar: Unicode.Scalar] = ["{": "}", "%": "%", "#": "#"]

    private mutating func readTag(closedBy end: Unicode.Scalar) throws(TemplateError) {
        let opening = String(String.UnicodeScalarView([scalars[position], scalars[position + 1]]))
        let start = (line, column)
        advance()
        advance()
        let trimsBefore = end == "%" && readsTrimMark()
        let (bodyLine, bodyColumn) = (line, column)
        var body = String.UnicodeScalarView()
        while position + 1 < scalars.count, scalars[position] != end || scalars[position + 1] != "}" {
            body.append(scalars[position])
            advance()
        }
        guard position + 1 < scalars.count else {
            throw TemplateError(
                line: start.0, column: start.1,
                message: "\"\(opening)\" is not closed with \"\(end)}\"; for the text itself write {{ \"\(opening)\" }}"
            )
        }
        advance()
        advance()
        flushText(trimmingEnd: trimsBefore)
        var trimsAfter = false
        if end == "%", let mark = body.last, mark == "-" || mark == "+" {
            body.removeLast()
            trimsAfter = mark == "-"
        }
        if end == "}" { pieces.append(.value(String(body), line: bodyLine, column: bodyColumn)) }
        if end == "%" { pieces.append(.block(String(body), line: bodyLine, column: bodyColumn)) }
        trimsNextText = trimsAfter
        guard pieces.count <= 2 * TemplateScanner.tagLimit else {
            throw TemplateError(
                line: start.0, column: start.1,
                message: "the template has more than \(TemplateScanner.tagLimit) tags")
        }
    }

    /// Takes `-` or `+`; true for `-`.
    private mutating func readsTrimMark() -> Bool {
        guard position < scalars.count, scalars[position] == "-" || scalars[position] == "+" else { return false }
        advance()
        return scalars[position - 1] == "-"
    }

    private mutating func flushText(trimmingEnd: Bool) {
        var piece = Substring.UnicodeScalarView(text)
        if trimsNextText { piece = piece.drop { $0.properties.isWhitespace } }
        if trimmingEnd {
            while let last = piece.last, last.properties.isWhitespace { piece.removeLast() }
        }
        if !piece.isEmpty { pieces.append(.text(String(piece))) }
        text.removeAll()
        trimsNextText = false
    }

    private mutating func advance() {
        if scalars[position] == "\n" {
            line += 1
            column = 1
        } else {
            column += 1
        }
        position += 1
    }
}
