/// Hands numbered shares of work to threads: first each thread's own stretch in order, then the ends of the others'.
struct WorkQueue {
    private var stretches: [Range<Int>]

    init(shares: Int, workers: Int) {
        stretches = (0..<workers).map { (shares * $0 / workers)..<(shares * ($0 + 1) / workers) }
    }

    mutating func next(for worker: Int) -> Int? {
        if !stretches[worker].isEmpty {
            let share = stretches[worker].lowerBound
            stretches[worker] = (share + 1)..<stretches[worker].upperBound
            return share
        }
        guard let longest = stretches.indices.max(by: { stretches[$0].count < stretches[$1].count }),
            !stretches[longest].isEmpty
        else { return nil }
        let share = stretches[longest].upperBound - 1
        stretches[longest] = stretches[longest].lowerBound..<share
        return share
    }

    /// Nothing more is handed out.
    mutating func stop() {
        stretches = stretches.map { $0.lowerBound..<$0.lowerBound }
    }
}
