import Engine
import Foundation
import RunnerCore
import Store

/// A session as `runner sessions` shows it.
struct SessionView: Encodable {
    let id: SessionID
    let kind: String
    let client: String
    let host: String
    let processId: Int
    let user: String
    let version: String
    /// `serving`, `draining`, `working` for a foreground command, `silent` without a lease, `gone` or `ended`.
    let state: String
    let lastHeartbeat: Date
    let heartbeatSeconds: Double
    /// What is left of the lease; negative when it ran out.
    let leaseSeconds: Double?
    let slots: Int?
    let tasks: [Int]

    init(_ summary: SessionSummary) {
        let session = summary.session
        id = session.id
        kind = session.kind
        client = session.client
        host = session.host
        processId = session.processID
        user = session.user
        version = session.version
        lastHeartbeat = session.lastHeartbeat
        heartbeatSeconds = summary.secondsSinceHeartbeat
        leaseSeconds = summary.leaseSeconds
        slots = session.slots
        tasks = summary.tasks
        state =
            if !session.isActive {
                "ended"
            } else if Workspace.isGone(session) {
                "gone"
            } else if !summary.isAlive {
                "silent"
            } else if session.isDraining {
                "draining"
            } else {
                session.client == "serve" ? "serving" : "working"
            }
    }

    var row: [String] {
        [
            String(id.description.prefix(8)), client.isEmpty ? kind : client, host, String(processId), state,
            Moments.span(max(0, heartbeatSeconds)) + " ago",
            leaseSeconds.map { $0 < 0 ? "over" : Moments.span($0) } ?? "", slots.map(String.init) ?? "",
            tasks.map(String.init).joined(separator: " "),
        ]
    }
}
