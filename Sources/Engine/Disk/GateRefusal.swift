/// Why a worktree must not be removed now.
package struct GateRefusal: Sendable, Hashable, CustomStringConvertible {
    package enum Gate: String, Sendable, CaseIterable {
        case place, identity, link, mount, immutable, process
    }

    package let gate: Gate
    /// One sentence for people.
    package let sentence: String

    package var description: String { sentence }
}
