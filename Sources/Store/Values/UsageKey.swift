/// What a sum of the ledger is made over.
package enum UsageKey: String, Sendable, CaseIterable {
    case agent, model, repo, day, task
}
