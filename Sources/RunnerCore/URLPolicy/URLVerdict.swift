/// What the policy says about one input; holds no credential, whatever the input was.
///
/// A final refusal carries nothing but its reason. A policy refusal carries the parsed parts too.
package struct URLVerdict: Sendable, Hashable, Codable {
    package enum Verdict: String, Sendable, Hashable, Codable, CaseIterable {
        case accept
        case reject
    }

    package var verdict: Verdict
    /// The one spelling that is stored and given to git.
    package var normalized: String?
    /// Lower-case host, with the port where it is not the scheme's own; absent for a local path.
    package var host: String?
    /// The path before the name, decoded; absent where the path is a name alone.
    package var owner: String?
    /// The last part of the path, decoded, without one `.git` at its end.
    package var name: String?
    package var reason: URLRefusal?

    package init(
        verdict: Verdict, normalized: String? = nil, host: String? = nil, owner: String? = nil, name: String? = nil,
        reason: URLRefusal? = nil
    ) {
        self.verdict = verdict
        self.normalized = normalized
        self.host = host
        self.owner = owner
        self.name = name
        self.reason = reason
    }

    package var isAccepted: Bool { verdict == .accept }

    /// Equal for two spellings of one repository: host, owner and name; the scheme and the user do not count.
    ///
    /// Case-folded on the big forges, which ignore case. Absent for a local path, whose identity is its real path.
    package var identity: String? {
        guard let host, let name else { return nil }
        let forge = Forge(host: host)
        let parts = [forge?.name ?? host, owner, name].compactMap(\.self)
        let identity = parts.joined(separator: "/")
        return forge == nil ? identity : identity.lowercased()
    }

    private enum CodingKeys: String, CodingKey {
        case verdict, normalized, host, owner, name, reason
    }

    /// Writes every key, absent values as null, so that readers find a stable shape.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(normalized, forKey: .normalized)
        try container.encode(host, forKey: .host)
        try container.encode(owner, forKey: .owner)
        try container.encode(name, forKey: .name)
        try container.encode(reason, forKey: .reason)
    }
}
