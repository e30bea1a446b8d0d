import RunnerCore

/// The texts of a batch's items and what an agent made of them, side by side.
struct RefinedText {
    let items: [BatchItemRecord]

    func render(width: Int) -> String {
        let room = max(20, (width - 3) / 2)
        let shown = items.filter { $0.refined != nil }
        guard !shown.isEmpty else { return "no item has a refined text\n" }
        return shown.map { item in
            let state = item.isAccepted ? "accepted" : item.task == nil ? "not accepted" : "came too late"
            let left = Self.wrapped(item.text, to: room)
            let right = Self.wrapped(item.refined ?? "", to: room)
            let lines = (0..<max(left.count, right.count)).map { row in
                let first = row < left.count ? left[row] : ""
                let second = row < right.count ? right[row] : ""
                let padding = String(repeating: " ", count: max(0, room - DisplayWidth.of(first)))
                return second.isEmpty ? "\(first)\(padding) |" : "\(first)\(padding) | \(second)"
            }
            return "item \(item.item), \(state)\n" + lines.map { $0 + "\n" }.joined()
        }.joined(separator: "\n")
    }

    /// Lines of at most `room` columns, broken at spaces where there are some.
    static func wrapped(_ text: String, to room: Int) -> [String] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).flatMap { line -> [String] in
            var lines: [String] = []
            var current = ""
            for word in Terminal.plain(String(line)).split(separator: " ", omittingEmptySubsequences: false) {
                let joined = current.isEmpty && lines.isEmpty || current.isEmpty ? String(word) : current + " " + word
                if DisplayWidth.of(joined) <= room {
                    current = joined
                    continue
                }
                if !current.isEmpty { lines.append(current) }
                current = String(word)
                while DisplayWidth.of(current) > room {
                    let (head, rest) = split(current, at: room)
                    lines.append(head)
                    current = rest
                }
            }
            return lines + [current]
        }
    }

    private static func split(_ word: String, at room: Int) -> (String, String) {
        var used = 0
        var index = word.startIndex
        while index < word.endIndex {
            let width = DisplayWidth.of(String(word[index]))
            guard used + width <= room || index == word.startIndex else { break }
            used += width
            index = word.index(after: index)
        }
        return (String(word[..<index]), String(word[index...]))
    }
}
