/// How long what is spent counts against a budget: by the calendar, in UTC.
package enum BudgetPeriod: String, Sendable, Codable, CaseIterable {
    case day, month
}
