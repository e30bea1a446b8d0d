/// Orders steps so that each comes after all that it needs, otherwise in file order; finds cycles.
struct StepOrder {
    /// Positions in the given list, in execution order; steps of a cycle, and what needs them, are left out.
    let indices: [Int]
    /// One cycle, as `[a, b, a]`: a needs b and b needs a. Nil when there is none.
    let cycle: [String]?

    /// Needs that name no step are ignored.
    init(_ steps: [(id: String, needs: [String])]) {
        let positions = Dictionary(steps.indices.map { (steps[$0].id, $0) }, uniquingKeysWith: { first, _ in first })
        let needs = steps.map { step in step.needs.compactMap { positions[$0] } }
        var dependents = [[Int]](repeating: [], count: steps.count)
        var open = needs.map { Set($0).count }
        for (index, needed) in needs.enumerated() {
            for one in Set(needed) { dependents[one].append(index) }
        }
        var ready = SmallestFirst(steps.indices.filter { open[$0] == 0 })
        var order: [Int] = []
        while let next = ready.removeSmallest() {
            order.append(next)
            for dependent in dependents[next] {
                open[dependent] -= 1
                if open[dependent] == 0 { ready.insert(dependent) }
            }
        }
        indices = order
        cycle =
            order.count == steps.count ? nil : StepOrder.cycle(in: needs, open: open).map { $0.map { steps[$0].id } }
    }

    /// Follows needs among unplaced steps; each has one, so that the walk must come back to where it was.
    private static func cycle(in needs: [[Int]], open: [Int]) -> [Int]? {
        guard var current = open.indices.first(where: { open[$0] > 0 }) else { return nil }
        var path: [Int] = []
        var seen: [Int: Int] = [:]
        while true {
            if let start = seen[current] { return path[start...] + [current] }
            seen[current] = path.count
            path.append(current)
            guard let next = needs[current].first(where: { open[$0] > 0 }) else { return nil }
            current = next
        }
    }
}
