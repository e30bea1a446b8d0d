/// What a crash of the machine may cost.
package enum ClusterDurability: Sendable {
    /// Nothing that was committed.
    case durable
    /// Everything: no flush ever waits for the disk. For tests and demonstrations.
    case throwaway
}
