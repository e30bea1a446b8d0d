import RunnerCore

/// Adds up one process's usage, from increments or from totals of the whole session.
struct UsageMeter: Sendable {
    /// Larger counts are nonsense; the bound keeps sums far from overflow.
    static let maximumTokens = 1_000_000_000_000
    /// What a model is called that the agent does not name.
    private static let unnamed = "unknown"

    private(set) var tokens: TokenUsage?
    private(set) var models: [String: ModelUsage] = [:]
    private(set) var costUSD: Double?
    private(set) var session: SessionTotals?
    private let isResumed: Bool
    private var hasUnknownCost = false

    /// `baseline` is what the session had used before this process, nil where it is not known.
    init(baseline: SessionTotals? = nil, isResumed: Bool = false) {
        session = isResumed ? baseline : nil
        self.isResumed = isResumed
    }

    /// What was used since the last call.
    mutating func add(_ tokens: TokenUsage, model: String?, costUSD: Double?) -> UsageReport {
        let key = (model ?? Self.unnamed).keepingHead(bytes: 200)
        self.tokens = (self.tokens ?? TokenUsage()) + tokens
        Self.add(ModelUsage(tokens: tokens, costUSD: costUSD), to: &models[key])
        if costUSD == nil { hasUnknownCost = true }
        self.costUSD = hasUnknownCost ? nil : Money.rounded((self.costUSD ?? 0) + (costUSD ?? 0))
        return UsageReport(
            tokens: tokens, models: model.map { [$0: ModelUsage(tokens: tokens, costUSD: costUSD)] } ?? [:],
            costUSD: costUSD, session: session)
    }

    /// What the whole session has used so far, earlier processes included.
    ///
    /// Nil, and nothing counted, for a resumed session whose earlier use is not known: counting all of it would count
    /// the earlier part twice.
    mutating func advance(to total: TokenUsage, model: String?, costUSD: Double? = nil) -> UsageReport? {
        guard session != nil || !isResumed else {
            session = SessionTotals(
                models: [model ?? Self.unnamed: ModelUsage(tokens: total, costUSD: costUSD)], costUSD: costUSD)
            return nil
        }
        let before = (session?.models ?? [:]).values.reduce(TokenUsage()) { $0 + $1.tokens }
        let tokens = Self.difference(from: before, to: total)
        let cost = costUSD.map { Money.rounded($0 < (session?.costUSD ?? 0) ? $0 : $0 - (session?.costUSD ?? 0)) }
        let key = (model ?? Self.unnamed).keepingHead(bytes: 200)
        var totals = session ?? SessionTotals()
        // So that it is changed where it is.
        session = nil
        Self.add(ModelUsage(tokens: tokens, costUSD: cost), to: &totals.models[key])
        totals.costUSD = costUSD ?? totals.costUSD
        session = totals
        return add(tokens, model: model, costUSD: cost)
    }

    /// Tokens from a JSON object, where cached ones are part of `input`; nil when it holds none of the keys.
    static func tokens(
        of value: JSONView, input: StaticString, output: StaticString, cacheRead: StaticString,
        cacheWrite: StaticString = "",
        includesCached: Bool = true
    ) -> TokenUsage? {
        let (all, out) = (count(value[input]), count(value[output]))
        let (read, write) = (count(value[cacheRead]), count(value[cacheWrite]))
        guard all != nil || out != nil || read != nil || write != nil else { return nil }
        let cached = (read ?? 0) + (write ?? 0)
        return TokenUsage(
            input: includesCached ? max((all ?? 0) - cached, 0) : all ?? 0, output: out ?? 0, cacheRead: read ?? 0,
            cacheWrite: write ?? 0)
    }

    private static func count(_ value: JSONView) -> Int? {
        value.int.map { min(max($0, 0), maximumTokens) }
    }

    /// In place, so that a sum in a dictionary is looked up once.
    static func add(_ more: ModelUsage, to known: inout ModelUsage?) {
        guard let sum = known else {
            known = more
            return
        }
        let cost = sum.costUSD.flatMap { cost in more.costUSD.map { Money.rounded(cost + $0) } }
        known = ModelUsage(tokens: sum.tokens + more.tokens, costUSD: cost)
    }

    /// A counter that went down was started anew: then all of it is new.
    private static func difference(from before: TokenUsage, to now: TokenUsage) -> TokenUsage {
        guard now.input >= before.input, now.output >= before.output, now.cacheRead >= before.cacheRead,
            now.cacheWrite >= before.cacheWrite
        else { return now }
        return TokenUsage(
            input: now.input - before.input, output: now.output - before.output,
            cacheRead: now.cacheRead - before.cacheRead, cacheWrite: now.cacheWrite - before.cacheWrite)
    }
}
