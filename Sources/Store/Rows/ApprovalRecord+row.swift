import Foundation
import Postgres
import RunnerCore

extension ApprovalRecord.Status: PostgresEncodable, PostgresDecodable {}

extension ApprovalRecord {
    /// From `approvals v` joined with its `steps s`.
    static let columns: SQL = """
        v.id, v.step_id, s.key as step_key, v.status, v.message, v.commit_id, v.tree_id,
        encode(v.outputs_sha256, 'hex') as outputs_sha256, v.rework, v.requested_at, v.expires_at, v.decided_at,
        v.decided_by, v.notes
        """

    init(_ row: PostgresRow) throws {
        self.init(
            id: try row.decode("id"), stepID: try row.decode("step_id"), stepKey: try row.decode("step_key"),
            status: try row.decode("status"), message: try row.decode("message"),
            commit: try row.decodeIfPresent("commit_id"), tree: try row.decodeIfPresent("tree_id"),
            outputsSHA256: try row.decodeIfPresent("outputs_sha256"), rework: try row.decodeIfPresent("rework"),
            requestedAt: try row.decode("requested_at"), expiresAt: try row.decodeIfPresent("expires_at"),
            decidedAt: try row.decodeIfPresent("decided_at"), decidedBy: try row.decodeIfPresent("decided_by"),
            notes: try row.decodeIfPresent("notes"))
    }
}
