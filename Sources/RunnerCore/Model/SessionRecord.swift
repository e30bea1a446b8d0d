package import Foundation

/// A live client or worker; a worker's lease belongs to its session.
package struct SessionRecord: Sendable, Hashable, Codable {
    package var id: SessionID
    /// `worker`, `cli`, `http` or `websocket`.
    package var kind: String
    /// What the process is for: `serve` for a daemon, `start` or `retry` for a foreground command.
    package var client: String
    package var host: String
    package var bootID: String
    package var processID: Int
    /// The process's start time in clock ticks after boot, from /proc/<pid>/stat.
    package var processStart: Int
    package var user: String
    package var version: String
    package var isActive: Bool
    package var lastHeartbeat: Date
    package var leaseUntil: Date?
    /// It finishes what it has and takes no more.
    package var isDraining: Bool
    /// How many runs it works on at once.
    package var slots: Int?

    package init(
        id: SessionID = .init(), kind: String, client: String = "", host: String, bootID: String, processID: Int,
        processStart: Int,
        user: String, version: String, isActive: Bool = true, lastHeartbeat: Date = .distantPast,
        leaseUntil: Date? = nil, isDraining: Bool = false, slots: Int? = nil
    ) {
        self.id = id
        self.kind = kind
        self.client = client
        self.host = host
        self.bootID = bootID
        self.processID = processID
        self.processStart = processStart
        self.user = user
        self.version = version
        self.isActive = isActive
        self.lastHeartbeat = lastHeartbeat
        self.leaseUntil = leaseUntil
        self.isDraining = isDraining
        self.slots = slots
    }
}
