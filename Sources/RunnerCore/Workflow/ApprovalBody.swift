/// A step at which the run waits for a person.
package struct ApprovalBody: Sendable, Hashable, Codable {
    /// What is asked; a template.
    package var message: String
    /// How long an answer is waited for; nil: as long as it takes.
    package var expires: Duration?
    /// The step before it to which a rejection sends the run back; nil: a rejection fails the run.
    package var rework: String?

    package init(message: String, expires: Duration? = nil, rework: String? = nil) {
        self.message = message
        self.expires = expires
        self.rework = rework
    }

    private enum CodingKeys: String, CodingKey {
        case message, expires, rework
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        message = try container.decode(String.self, forKey: .message)
        expires = try container.decodeIfPresent(Double.self, forKey: .expires).map(Duration.seconds)
        rework = try container.decodeIfPresent(String.self, forKey: .rework)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(message, forKey: .message)
        try container.encodeIfPresent(expires?.inSeconds, forKey: .expires)
        try container.encodeIfPresent(rework, forKey: .rework)
    }
}
