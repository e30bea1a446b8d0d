/// A binary heap of numbers.
struct SmallestFirst {
    private var items: [Int] = []

    init(_ items: [Int]) {
        for item in items { insert(item) }
    }

    mutating func insert(_ item: Int) {
        items.append(item)
        var child = items.count - 1
        while child > 0, items[child] < items[(child - 1) / 2] {
            items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeSmallest() -> Int? {
        guard let smallest = items.first else { return nil }
        let last = items.removeLast()
        guard !items.isEmpty else { return smallest }
        items[0] = last
        var parent = 0
        while true {
            var next = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && items[child] < items[next] {
                next = child
            }
            if next == parent { return smallest }
            items.swapAt(parent, next)
            parent = next
        }
    }
}
