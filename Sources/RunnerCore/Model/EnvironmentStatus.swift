/// Where a worktree stands in its life.
package enum EnvironmentStatus: String, Sendable, Codable, CaseIterable {
    case initializing, running, testing, idle, cleaning, terminated
}
