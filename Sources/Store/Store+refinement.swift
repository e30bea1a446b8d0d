import Postgres
package import RunnerCore

extension Store {
    /// The refined texts of the items of a batch take the place of the first ones; returns how many did.
    ///
    /// `changes` are by item. One whose item has begun in the meantime changes nothing.
    package func acceptRefined(_ changes: [Int: (title: String?, prompt: String)], in batch: BatchID) async throws
        -> Int
    {
        let document = JSONValue.array(
            changes.map { item, change in
                var members: [String: JSONValue] = ["prompt": .string(change.prompt)]
                members["title"] = change.title.map(JSONValue.string)
                return .object(["item": .integer(item), "change": .object(members)])
            })
        return try await client.withTransaction(retrying: 5) { connection in
            // An item that is about to begin is waited for.
            _ = try connection.query("select id from runner.batches where id = \(batch) for no key update")
            return try connection.execute(
                """
                update runner.batch_tasks i set changes_applied = i.changes_applied || jsonb_build_array(c.change)
                from jsonb_to_recordset(\(document)::jsonb) as c (item integer, change jsonb)
                where i.batch_id = \(batch) and i.sequence = c.item and i.status = 'pending' and i.task_id is null
                """)
        }
    }

    /// The items whose titles were given, and are no first lines.
    package func titledItems(of batch: BatchID) async throws -> Set<Int> {
        let rows = try await client.query(
            """
            select i.sequence from runner.batch_tasks i
            where i.batch_id = \(batch) and coalesce((i.original_state ->> 'titled')::boolean, false)
            """)
        return Set(try rows.map { row in try row.decode("sequence") })
    }
}
