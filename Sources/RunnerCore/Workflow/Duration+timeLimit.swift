extension Duration {
    /// Whole and fractional seconds.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }

    /// The longest time limit that a workflow may set: a year.
    static let longestTimeLimit = Duration.seconds(366 * 86_400)

    /// The time limit that `text` means in a workflow: a duration with units, or a number of minutes.
    ///
    /// Nil when it is neither, is not above zero, or is longer than `longestTimeLimit`.
    init?(timeLimit text: String) {
        let isNumber =
            !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) || $0 == 46 } && text.utf8.count <= 20
        // Whole milliseconds, so that the limit survives its JSON.
        let minutes =
            isNumber ? Double(text).map { Duration.milliseconds(Int64(min($0 * 60_000, 1e15).rounded())) } : nil
        guard let limit = minutes ?? DurationText.parse(text), limit > .zero, limit <= .longestTimeLimit else {
            return nil
        }
        self = limit
    }
}
