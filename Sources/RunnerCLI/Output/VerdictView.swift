import RunnerCore

/// A verdict of the URL policy with every key present, null where it does not apply.
struct VerdictView: Encodable {
    private let verdict: URLVerdict

    init(_ verdict: URLVerdict) {
        self.verdict = verdict
    }

    private enum CodingKeys: String, CodingKey {
        case verdict, normalized, host, owner, name, reason
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(verdict.verdict.rawValue, forKey: .verdict)
        try container.encode(verdict.normalized, forKey: .normalized)
        try container.encode(verdict.host, forKey: .host)
        try container.encode(verdict.owner, forKey: .owner)
        try container.encode(verdict.name, forKey: .name)
        try container.encode(verdict.reason?.rawValue, forKey: .reason)
    }
}
