/// The alphabet of ref names and revisions that reach git or a script from outside.
///
/// The rules of git check-ref-format(1), and beyond them: no part that starts with a dash, nothing that a shell would
/// run when a script is given the name, and nothing that does not show on a screen.
enum RefText {
    /// A file name holds 255 bytes, and git adds `.lock`.
    static let maximumComponentLength = 250
    static let maximumLength = 1000

    /// Why `text` is refused, as the end of a sentence that begins with `subject`; nil where it is allowed.
    static func refusal(of text: String, subject: String) -> String? {
        let problem = lengthProblem(text) ?? alphabetProblem(text) ?? structureProblem(text)
        return problem.map { "\(subject) \($0)" }
    }

    private static func lengthProblem(_ text: String) -> String? {
        if text.isEmpty { return "is empty; give a name" }
        let isTooLong =
            text.utf8.count > maximumLength
            || text.utf8.split(separator: UInt8(ascii: "/")).contains { $0.count > maximumComponentLength }
        return isTooLong ? "is too long; give a shorter name" : nil
    }

    private static func alphabetProblem(_ text: String) -> String? {
        for scalar in text.unicodeScalars {
            if !isPrinting(scalar) { return "contains a control or non-printing character; type it again without it" }
            if scalar == " " || scalar == "\\" { return "contains a space or a backslash; give a name without it" }
            if "~^:?*[".unicodeScalars.contains(scalar) {
                return "contains one of ~ ^ : ? * [, which have a meaning in git; give a plain name or commit id"
            }
            if "$`;|&<>\"'(){}!".unicodeScalars.contains(scalar) {
                return "contains a character that a shell could interpret, such as $ or a quote; give a plain name"
            }
        }
        return nil
    }

    /// By bytes: a combining mark after a slash or dot would hide it from a comparison of characters.
    private static func structureProblem(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        let dot = UInt8(ascii: ".")
        if zip(bytes, bytes.dropFirst()).contains(where: { $0 == dot && $1 == dot }) {
            return "contains \"..\"; give a single name, not a range"
        }
        if text == "@" { return "is \"@\" alone; give the name in full" }
        for part in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            if part.isEmpty { return "starts or ends with a slash or has two in a row; remove it" }
            if part.first == dot || part.last == dot {
                return "has a part that starts or ends with a dot; give another name"
            }
            if part.first == UInt8(ascii: "-") {
                return "has a part that starts with a dash, which programs would read as an option; give another name"
            }
            if part.suffix(5).map({ $0 | 0x20 }) == Array(".lock".utf8) {
                return "has a part that ends in \".lock\"; give another name"
            }
        }
        return nil
    }

    /// False for everything that shows nothing, only space, or changes the direction of the text around it.
    static func isPrinting(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == " " { return true }
        if scalar.properties.isDefaultIgnorableCodePoint { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }
}
