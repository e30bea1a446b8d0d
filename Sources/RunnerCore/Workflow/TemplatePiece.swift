/// A part of a template: plain text, or the inside of a tag and where it begins.
enum TemplatePiece: Hashable, Sendable {
    case text(String)
    /// `{{ … }}`
    case value(String, line: Int, column: Int)
    /// `{% … %}`
    case block(String, line: Int, column: Int)
}
