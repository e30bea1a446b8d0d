import RunnerCore

/// A board as text: columns side by side where they fit into the width, else below each other.
struct BoardText {
    let columns: [BoardColumn]
    /// Tasks in a column.
    let limit: Int

    private static let narrowest = 14
    private static let gap = 2

    /// Without a width the columns stand below each other and nothing is cut off.
    func render(width: Int?) -> String {
        guard let width else { return list { $0 } }
        let room = (width - (columns.count - 1) * Self.gap) / columns.count
        guard room >= Self.narrowest else { return list { Self.cut($0, to: width) } }
        let texts = columns.map { column in
            [Self.cut("\(column.name.uppercased()) \(column.tasks.count)", to: room)] + lines(of: column, room)
        }
        let height = texts.map(\.count).max() ?? 0
        return (0..<height).map { row in
            var line = ""
            for (index, text) in texts.enumerated() {
                let cell = row < text.count ? text[row] : ""
                line += cell
                guard index + 1 < texts.count else { continue }
                line += String(repeating: " ", count: room - DisplayWidth.of(cell) + Self.gap)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    private func list(_ fit: (String) -> String) -> String {
        columns.map { column in
            let lines = column.tasks.prefix(limit).map { fit("  \($0.number)  \($0.state)  \(title($0))") }
            return fit("\(column.name.uppercased()) \(column.tasks.count)") + "\n"
                + (lines + more(column)).map { $0 + "\n" }.joined()
        }.joined(separator: "\n")
    }

    private func lines(of column: BoardColumn, _ room: Int) -> [String] {
        column.tasks.prefix(limit).map { Self.cut("\(mark($0)) \($0.number) \(title($0))", to: room) } + more(column)
    }

    private func more(_ column: BoardColumn) -> [String] {
        column.tasks.count > limit ? ["  … \(column.tasks.count - limit) more"] : []
    }

    private func title(_ task: TaskRow) -> String { Terminal.plain(task.title) }

    private func mark(_ task: TaskRow) -> String {
        if task.waitsForPerson { return "?" }
        return switch task.status {
        case .queued: "·"
        case .running: "▸"
        case .waiting: "…"
        case .completed: "✓"
        case .failed: "✗"
        case .cancelled: "-"
        }
    }

    private static func cut(_ text: String, to room: Int) -> String {
        guard DisplayWidth.of(text) > room else { return text }
        var short = ""
        var used = 0
        for character in text {
            let width = DisplayWidth.of(String(character))
            guard used + width < room else { break }
            short.append(character)
            used += width
        }
        return short + "…"
    }
}
