/// What the groups around a step tell of the turn that it belongs to.
package struct TurnValues: Sendable, Hashable, Codable {
    package struct Round: Sendable, Hashable, Codable {
        /// From 1.
        package var number: Int
        package var limit: Int

        package init(number: Int, limit: Int) {
            self.number = number
            self.limit = limit
        }
    }

    /// Of the innermost loop.
    package var round: Round?
    /// Of the innermost `foreach`.
    package var item: JSONValue?
    /// In the judge of a fork: what it chooses from, in words.
    package var candidates: String?
    /// Of all matrices around it; the inner ones win.
    package var matrix: [String: JSONValue]

    package init(round: Round? = nil, item: JSONValue? = nil, matrix: [String: JSONValue] = [:]) {
        self.round = round
        self.item = item
        self.matrix = matrix
    }

    /// For scripts: `RUNNER_LOOP_NUMBER`, `RUNNER_ITEM`, `RUNNER_MATRIX_<NAME>`.
    package var environment: [String: String] {
        var environment: [String: String] = [:]
        if let round { environment["RUNNER_LOOP_NUMBER"] = "\(round.number)" }
        if let item { environment["RUNNER_ITEM"] = item.plainText }
        for (name, value) in matrix {
            environment["RUNNER_MATRIX_" + name.uppercased().replacing("-", with: "_")] = value.plainText
        }
        return environment
    }
}
