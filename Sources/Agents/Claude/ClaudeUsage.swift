import RunnerCore

/// Adds up what one Claude Code process used, over all its `result` lines.
///
/// `modelUsage` and `total_cost_usd` count the whole session with earlier processes; `usage` is this turn only but
/// leaves subagents out; `model_usage_since_last_result`, of newer versions, is this turn with subagents.
struct ClaudeUsage {
    private var session: SessionTotals?
    private let isResumed: Bool
    private(set) var tokens: TokenUsage?
    private(set) var models: [String: ModelUsage] = [:]
    private(set) var costUSD: Double?
    private var hasUnknownCost = false

    /// `baseline` is what the session had used before this process, nil where it is not known.
    init(baseline: SessionTotals?, isResumed: Bool) {
        session = isResumed ? baseline : nil
        self.isResumed = isResumed
    }

    var sessionTotals: SessionTotals? { session }

    /// The model that wrote most.
    var mainModel: String? {
        models.max { ($0.value.tokens.output, $1.key) < ($1.value.tokens.output, $0.key) }?.key
    }

    /// Takes one `result` line; nil when it says nothing about usage.
    mutating func add(_ result: JSONView) -> UsageReport? {
        let cumulative = Self.models(result["modelUsage"])
        let since = Self.models(result["model_usage_since_last_result"])
        let total = Money.amount(result["total_cost_usd"].double)
        let flat = UsageMeter.tokens(
            of: result["usage"], input: "input_tokens", output: "output_tokens",
            cacheRead: "cache_read_input_tokens", cacheWrite: "cache_creation_input_tokens", includesCached: false)
        guard cumulative != nil || since != nil || flat != nil || (total ?? 0) > 0 else { return nil }

        // Of a resumed session without baseline, what the session used before cannot be taken off.
        let canSubtract = session != nil || !isResumed
        let difference = canSubtract ? cumulative.map { Self.difference($0, from: session?.models ?? [:]) } : nil
        var models = since ?? difference ?? [:]
        let isCounted = since != nil || !models.isEmpty
        var tokens = models.values.reduce(TokenUsage()) { $0 + $1.tokens }
        if !isCounted, let flat { tokens = flat }
        if !isCounted, flat == nil { models = [:] }

        let cost = cost(since: since, total: total, canSubtract: canSubtract)
        let report = UsageReport(
            tokens: tokens, models: models, costUSD: cost, session: advance(cumulative: cumulative, total: total))
        add(report)
        return report
    }

    private func cost(since: [String: ModelUsage]?, total: Double?, canSubtract: Bool) -> Double? {
        if let since {
            let costs = since.values.map(\.costUSD)
            if !costs.contains(nil) { return Money.rounded(costs.reduce(0) { $0 + ($1 ?? 0) }) }
        }
        guard canSubtract, let total else { return nil }
        return Self.increase(from: session?.costUSD ?? 0, to: total)
    }

    /// Remembers the session's totals; a failed start reports zero, which must not lower them.
    private mutating func advance(cumulative: [String: ModelUsage]?, total: Double?) -> SessionTotals? {
        guard cumulative?.isEmpty == false || (total ?? 0) > 0 else { return session }
        session = SessionTotals(models: cumulative ?? session?.models ?? [:], costUSD: total ?? session?.costUSD)
        return session
    }

    private mutating func add(_ report: UsageReport) {
        tokens = (tokens ?? TokenUsage()) + report.tokens
        for (name, usage) in report.models {
            UsageMeter.add(usage, to: &models[name])
        }
        if report.costUSD == nil { hasUnknownCost = true }
        costUSD = hasUnknownCost ? nil : Money.rounded((costUSD ?? 0) + (report.costUSD ?? 0))
    }

    private static func models(_ value: JSONView) -> [String: ModelUsage]? {
        guard value.kind == .object else { return nil }
        var models: [String: ModelUsage] = [:]
        value.forEachMember { name, member in
            let tokens = UsageMeter.tokens(
                of: member, input: "inputTokens", output: "outputTokens", cacheRead: "cacheReadInputTokens",
                cacheWrite: "cacheCreationInputTokens", includesCached: false)
            guard let tokens else { return }
            models[name.keepingHead(bytes: 200)] = ModelUsage(
                tokens: tokens, costUSD: Money.amount(member["costUSD"].double))
        }
        return models
    }

    private static func difference(
        _ now: [String: ModelUsage], from before: [String: ModelUsage]
    ) -> [String: ModelUsage] {
        var difference: [String: ModelUsage] = [:]
        for (name, usage) in now {
            let earlier = before[name] ?? ModelUsage(tokens: TokenUsage(), costUSD: 0)
            let cost = usage.costUSD.flatMap { cost in earlier.costUSD.map { increase(from: $0, to: cost) } }
            let tokens = TokenUsage(
                input: increase(from: earlier.tokens.input, to: usage.tokens.input),
                output: increase(from: earlier.tokens.output, to: usage.tokens.output),
                cacheRead: increase(from: earlier.tokens.cacheRead, to: usage.tokens.cacheRead),
                cacheWrite: increase(from: earlier.tokens.cacheWrite, to: usage.tokens.cacheWrite))
            guard tokens != TokenUsage() || (cost ?? 0) > 0 else { continue }
            difference[name] = ModelUsage(tokens: tokens, costUSD: cost)
        }
        return difference
    }

    /// A counter that went down was started anew, as older versions do on resume: then all of it is new.
    private static func increase(from before: Int, to now: Int) -> Int {
        now < before ? now : now - before
    }

    private static func increase(from before: Double, to now: Double) -> Double {
        Money.rounded(now < before ? now : now - before)
    }
}
