import Foundation
import Postgres
import RunnerCore
import Store

/// Listens for what wakes a worker, on a connection that holds the lock that says that the worker lives.
struct WorkerNews: Sendable {
    let worker: Worker

    func run() async {
        let id = worker.session.id
        let listener = PostgresListener(
            worker.workspace.databaseTarget, channels: Store.Channel.allCases.map(\.rawValue),
            applicationName: "runner listener",
            preparing: { connection in try Store.lockSession(id, on: connection) })
        for await notification in listener {
            if Task.isCancelled { break }
            // What was missed while nobody listened is found by looking.
            if !notification.isCatchUp, notification.channel == Store.Channel.cancel.rawValue {
                guard let run = RunID(notification.payload), worker.runs[run] != nil else { continue }
            }
            worker.wake.ring()
        }
        await listener.close()
    }
}
