import Engine
import Rainbow

/// One line of a list of checks: a tick or a cross, the name, what was found, what to do.
enum CheckMark {
    static func line(_ verdict: DoctorCheck.Verdict, _ name: String, _ detail: String, _ advice: String?) -> String {
        let colored = Terminal.isOutputTerminal && Terminal.usesColor
        let mark =
            switch verdict {
            case .passed: colored ? "✓".green : "✓"
            case .missing: colored ? "–".yellow : "–"
            case .failed: colored ? "✗".red : "✗"
            }
        let text = "\(mark) \(name)" + (detail.isEmpty ? "" : "  \(Terminal.plain(detail))")
        return text + (advice.map { "\n    \($0)" } ?? "") + "\n"
    }
}
