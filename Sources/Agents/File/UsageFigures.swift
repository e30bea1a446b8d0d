/// What one report of usage says; what it says nothing of is nil.
struct UsageFigures: Hashable {
    var input: Int?
    var output: Int?
    var cached: Int?
    var cost: Double?

    var isEmpty: Bool { input == nil && output == nil && cached == nil && cost == nil }

    /// Whether both say the same kind of figure: then they are two reports.
    func overlaps(_ other: UsageFigures) -> Bool {
        input != nil && other.input != nil || output != nil && other.output != nil
            || cached != nil && other.cached != nil || cost != nil && other.cost != nil
    }

    /// Whether all is there that `wanted` has.
    func covers(_ wanted: UsageFigures) -> Bool {
        (input != nil || wanted.input == nil) && (output != nil || wanted.output == nil)
            && (cached != nil || wanted.cached == nil) && (cost != nil || wanted.cost == nil)
    }

    /// The later figures where there are any, else the earlier.
    func replaced(by later: UsageFigures) -> UsageFigures {
        UsageFigures(
            input: later.input ?? input, output: later.output ?? output, cached: later.cached ?? cached,
            cost: later.cost ?? cost)
    }

    /// What has come to these since `earlier`; a count that went down began anew.
    func since(_ earlier: UsageFigures) -> UsageFigures {
        UsageFigures(
            input: Self.difference(input, earlier.input), output: Self.difference(output, earlier.output),
            cached: Self.difference(cached, earlier.cached), cost: Self.difference(cost, earlier.cost))
    }

    static func + (a: UsageFigures, b: UsageFigures) -> UsageFigures {
        UsageFigures(
            input: sum(a.input, b.input), output: sum(a.output, b.output), cached: sum(a.cached, b.cached),
            cost: sum(a.cost, b.cost))
    }

    private static func sum<N: AdditiveArithmetic>(_ a: N?, _ b: N?) -> N? {
        a.map { $0 + (b ?? .zero) } ?? b
    }

    private static func difference<N: AdditiveArithmetic & Comparable>(_ now: N?, _ earlier: N?) -> N? {
        guard let now, let earlier, now >= earlier else { return now }
        return now - earlier
    }
}
