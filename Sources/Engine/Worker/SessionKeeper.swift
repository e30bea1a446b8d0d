import Postgres
import Store

/// Keeps sessions of the private cluster ready for commands, opened and used once, so that none waits for the server to
/// start a process and to read its catalogs.
struct SessionKeeper: Sendable {
    let workspace: Workspace

    static let count = 2

    /// Lends until the task is cancelled. Without a socket to lend over, commands open sessions of their own.
    func run() async {
        let bell = WakeUp()
        guard
            let lender = try? SessionLender(
                workspace.databaseTarget, applicationName: Storage.applicationName, onLent: { bell.ring() })
        else { return }
        defer { lender.stop() }
        while !Task.isCancelled {
            while !Task.isCancelled, lender.count < SessionKeeper.count, let session = try? await makeSession() {
                lender.add(session)
            }
            // A session that the server has ended is noticed when somebody asks for it. After a loan the first step of the
            // command that has it goes first.
            await bell.wait(atMost: .seconds(3_600))
            try? await Task.sleep(for: SpareKeeper.respite)
        }
    }

    private func makeSession() async throws -> SpareSession? {
        let client = PostgresClient(workspace.databaseTarget, applicationName: Storage.applicationName)
        do {
            try await Store.open(client, autoMigrate: false).rehearse()
        } catch {
            await client.close()
            throw error
        }
        return await client.surrender()
    }
}
