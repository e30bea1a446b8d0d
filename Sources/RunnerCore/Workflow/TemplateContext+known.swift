extension TemplateContext {
    /// The text that `template` gives as far as it is known: a tag that names something unknown stays as it is written,
    /// a block with all that is in it.
    package func renderKnown(_ template: String, _ knowledge: TemplateKnowledge) -> String {
        guard template.contains("{"), let pieces = try? TemplateScanner.pieces(of: template) else { return template }
        var text = ""
        var block = ""
        var depth = 0
        for piece in pieces {
            let source = piece.source
            if case .block(let body, _, _) = piece {
                let word = body.split { $0.isWhitespace }.first ?? ""
                if ["if", "for"].contains(word) { depth += 1 }
                if ["endif", "endfor"].contains(word) { depth -= 1 }
                block += source
                if depth == 0 {
                    text += whole(block, knowledge)
                    block = ""
                }
            } else if depth > 0 {
                block += source
            } else if case .value = piece {
                text += whole(source, knowledge)
            } else {
                text += source
            }
        }
        return text + block
    }

    private func whole(_ source: String, _ knowledge: TemplateKnowledge) -> String {
        guard knowledge.knowsAll(of: source) else { return source }
        return (try? render(source)) ?? source
    }
}

extension TemplatePiece {
    /// The piece as a template has it.
    fileprivate var source: String {
        switch self {
        case .text(let text): text
        case .value(let body, _, _): "{{\(body)}}"
        case .block(let body, _, _): "{%\(body)%}"
        }
    }
}
