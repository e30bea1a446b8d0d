import Rainbow
import TextTable

/// Rows under headings, as plain aligned text.
struct Table {
    let headings: [String]
    let rows: [[String]]

    func render() -> String {
        guard !rows.isEmpty else { return "" }
        let headings = headings
        let table = TextTable<[String]> { row in
            zip(headings, row).map { Column(title: $0, value: $1) }
        }
        let text = table.string(for: rows, style: Style.plain) ?? ""
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                var line = String(line)
                while line.hasSuffix(" ") { line.removeLast() }
                return line
            }
            .joined(separator: "\n") + (text.hasSuffix("\n") ? "" : "\n")
    }
}
