/// A well-formed line whose meaning is not known.
package struct UnknownEvent: Sendable, Hashable, Codable {
    /// The agent's own name of the event, with its subtype after a slash; nil when it had none.
    package var name: String?

    package init(name: String? = nil) {
        self.name = name
    }
}
