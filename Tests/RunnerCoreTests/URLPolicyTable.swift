import Foundation
import RunnerCore
import Testing

/// The rows of `Resources/url-cases.tsv`.
enum URLPolicyTable {
    struct Row: Sendable, CustomTestStringConvertible {
        let input: String
        let expected: URLVerdict
        let reason: String?

        var testDescription: String { input.debugDescription }
    }

    static let rows: [Row] = {
        guard let url = Bundle.module.url(forResource: "url-cases", withExtension: "tsv", subdirectory: "Resources"),
            let text = try? String(contentsOf: url, encoding: .utf8)
        else { return [] }
        return text.split(separator: "\n").dropFirst().compactMap(row)
    }()

    private static func row(_ line: Substring) -> Row? {
        let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard cells.count == 7, let verdict = URLVerdict.Verdict(rawValue: cells[1]) else { return nil }
        let optional = cells.map { $0.isEmpty ? nil : $0 }
        let reason = optional[6].flatMap(URLRefusal.init)
        let expected = URLVerdict(
            verdict: verdict, normalized: optional[2], host: optional[3], owner: optional[4], name: optional[5],
            reason: reason)
        return Row(input: unescaped(cells[0]), expected: expected, reason: optional[6])
    }

    private static func unescaped(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "\\", let kind = rest.popFirst() else {
                scalars.append(scalar)
                continue
            }
            switch kind {
            case "n": scalars.append("\n")
            case "t": scalars.append("\t")
            case "r": scalars.append("\r")
            case "x", "u":
                let digits = rest.prefix(kind == "x" ? 2 : 4)
                rest = rest.dropFirst(digits.count)
                if let value = UInt32(String(digits), radix: 16), let decoded = Unicode.Scalar(value) {
                    scalars.append(decoded)
                }
            default: scalars.append(kind)
            }
        }
        return String(scalars)
    }
}
