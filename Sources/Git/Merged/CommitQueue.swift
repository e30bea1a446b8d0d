/// Commits by their time, the newest first: a binary heap.
struct CommitQueue {
    struct Entry {
        let commit: ObjectID
        let time: Int64
    }

    private var heap: [Entry] = []

    var newest: Entry? { heap.first }

    mutating func insert(_ commit: ObjectID, time: Int64) {
        heap.append(Entry(commit: commit, time: time))
        var place = heap.count - 1
        while place > 0, heap[(place - 1) / 2].time < time {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func popNewest() -> Entry? {
        guard let newest = heap.first else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var place = 0
        while true {
            let children = [2 * place + 1, 2 * place + 2].filter { $0 < heap.count && heap[$0].time > heap[place].time }
            guard let larger = children.max(by: { heap[$0].time < heap[$1].time }) else { return newest }
            heap.swapAt(place, larger)
            place = larger
        }
    }
}
