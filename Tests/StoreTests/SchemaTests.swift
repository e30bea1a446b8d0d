import Foundation
import Postgres
import RunnerCore
import Testing

@testable import Store

extension StoreSuite {
    struct SchemaTests {
        @Test("Every check of the schema has a row here that breaks it")
        func everyCheckIsCovered() async throws {
            try await Database.with { database in
                // Those of the tables that every step writes are in functions of triggers.
                let rows = try await database.client.query(
                    """
                    select conname::text as name from pg_constraint
                    where contype = 'c' and connamespace = 'runner'::regnamespace
                    union all
                    select (regexp_matches(p.prosrc, 'then ''([a-z0-9_]+)''', 'g'))[1] from pg_proc p
                    where p.pronamespace = 'runner'::regnamespace and p.proname like 'refuse_unsound_%'
                    """)
                let names = try rows.map { try $0.decode("name", as: String.self) }
                #expect(Set(names) == Set(CheckCases.all.compactMap(\.constraint)))
                #expect(names.count > 100)
            }
        }

        @Test("Each check refuses its bad row by name, and each table takes its good row")
        func checks() async throws {
            try await Database.with { database in
                let ids = try await Self.parents(in: database)
                for sample in CheckCases.all {
                    var statement = sample.insert
                    for (name, id) in ids { statement = statement.replacing(":\(name)", with: "'\(id)'") }
                    let refusal = try await Self.refusal(of: statement, in: database)
                    #expect(refusal == sample.constraint, "\(sample): \(statement)")
                }
            }
        }

        /// The name of the check that refuses a statement; nil when it is accepted, which is undone.
        private static func refusal(of statement: String, in database: Database) async throws -> String? {
            struct Undo: Error {}
            do {
                return try await database.client.withTransaction { connection -> String? in
                    try connection.execute(SQL(unescaped: statement))
                    throw Undo()
                }
            } catch is Undo {
                return nil
            } catch let error as PostgresError where error.code == .checkViolation {
                return error.constraint
            }
        }

        private static func parents(in database: Database) async throws -> [String: String] {
            let (created, run) = try await database.claimed()
            let step = created.steps[0].id
            let attempt = try await database.store.beginAttempt(
                BeginAttempt(runID: run.id, fence: run.fence, stepID: step))
            let environment = try await database.environment(run)
            try await database.store.finishRun(run.id, fence: run.fence, status: .failed)
            let workflow: UUID = try await database.value("select id from runner.workflows")
            let batch: UUID = try await database.value("select gen_random_uuid()")
            try await database.client.execute("insert into runner.batches (id, prompt) values (\(batch), 'p')")
            let pack: UUID = try await database.value("select gen_random_uuid()")
            try await database.client.execute(
                """
                insert into runner.checkpoint_packs
                    (id, run_id, attempt_id, fence, base_commit, head_commit, size_bytes, sha256)
                values (\(pack), \(run.id), \(attempt.id), 1, repeat('a', 40), repeat('a', 40), 0, sha256(''))
                """)
            return [
                "pack": pack.uuidString, "environment": environment.id.description,
                "repository": created.task.repositoryID.description, "task": created.task.id.description,
                "run": run.id.description, "step": step.description, "attempt": attempt.id.description,
                "session": try await database.session().id.description, "workflow": workflow.uuidString,
                "version": try await database.workflow().description, "batch": batch.uuidString,
            ]
        }

        @Test("Every foreign key has an index that leads with it")
        func foreignKeysAreIndexed() async throws {
            try await Database.with { database in
                let bare = try await database.client.query(
                    """
                    select conname::text as name from pg_constraint c
                    where contype = 'f' and connamespace = 'runner'::regnamespace and not exists (
                        select from pg_index i where i.indrelid = c.conrelid
                            and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] = c.conkey)
                    """)
                #expect(try bare.map { try $0.decode("name", as: String.self) } == [])
            }
        }

        @Test("Every table that has updated_at keeps it by a trigger, and every table has row-level security")
        func everyTable() async throws {
            try await Database.with { database in
                let bad = try await database.client.query(
                    """
                    select c.relname::text as name from pg_class c
                    where c.relnamespace = 'runner'::regnamespace and c.relkind = 'r' and (not c.relrowsecurity
                        or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'updated_at')
                           and not exists (select from pg_trigger t join pg_proc p on p.oid = t.tgfoid
                                           where t.tgrelid = c.oid and p.prosrc like '%new.updated_at := now()%'))
                    """)
                #expect(try names(bad) == [])
            }
        }

        private func names(_ rows: [PostgresRow]) throws -> [String] {
            try rows.map { try $0.decode("name", as: String.self) }
        }

        @Test("A heartbeat touches no indexed column")
        func heartbeatStaysOffIndexes() async throws {
            try await Database.with { database in
                let indexed: Int = try await database.value(
                    """
                    select count(*) from pg_index i join pg_attribute a on a.attrelid = i.indrelid
                        and a.attnum = any (i.indkey)
                    where i.indrelid = 'runner.sessions'::regclass
                        and a.attname in ('last_heartbeat', 'lease_until', 'updated_at')
                    """)
                #expect(indexed == 0)
            }
        }

        @Test("A workflow version never changes once a run has used it, and may before")
        func frozenVersions() async throws {
            try await Database.with { database in
                let version = try await database.workflow()
                let change: SQL = "update runner.workflow_versions set source = 'changed' where id = \(version)"
                #expect(try await database.client.execute(change) == 1)
                _ = try await database.task()
                let error = await #expect(throws: PostgresError.self) { try await database.client.execute(change) }
                #expect(error?.constraint == "workflow_versions_frozen")
            }
        }

        @Test("Events cannot be rewritten")
        func appendOnlyEvents() async throws {
            try await Database.with { database in
                _ = try await database.task()
                let error = await #expect(throws: PostgresError.self) {
                    try await database.client.execute("update runner.events set kind = 'a.b'")
                }
                #expect(error?.constraint == "events_append_only")
            }
        }

        @Test("The stages of a workflow can be read from a view: those it lists, or those its steps name")
        func workflowStages() async throws {
            try await Database.with { database in
                func freeze(_ name: String, _ source: String) async throws {
                    let workflow = try WorkflowParser.parse(source, file: name, knownAgents: ["claude", "codex"])
                    let json = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(workflow))
                    _ = try await database.store.freezeWorkflow(
                        name: name, source: source, definition: json, author: "tester")
                }
                func rows(_ name: String) async throws -> [String] {
                    let rows = try await database.client.query(
                        """
                        select concat_ws(' ', stage_order, stage, step_key, coalesce(agent, '-'),
                            case when auto_transition then 'auto' end, case when manual_trigger then 'manual' end,
                            case when parallel then 'parallel' end, case when required then 'required' end) as row
                        from runner.workflow_stages where workflow_name = \(name) order by stage_order
                        """)
                    return try rows.map { try $0.decode("row", as: String.self) }
                }
                try await freeze(
                    "staged",
                    """
                    name: staged
                    stages:
                      - plan
                      - { name: build, agent: codex, parallel: true, required: false, transition: manual }
                      - review
                    steps:
                      - { id: think, stage: plan, run: x }
                      - { id: a, stage: build, run: x, writes: false }
                      - { id: b, stage: build, run: x, writes: false }
                      - { id: look, stage: review, agent: claude, prompt: p }
                    """)
                #expect(
                    try await rows("staged") == [
                        "0 plan think - auto required", "1 build build codex manual parallel",
                        "2 review look - auto required",
                    ])
                try await freeze(
                    "named",
                    """
                    name: named
                    steps:
                      - { id: a, stage: design, agent: claude, prompt: p }
                      - { id: b, run: x, continue-on-error: true }
                      - { id: c, stage: design, run: x }
                      - { id: d, stage: work, agent: claude, prompt: p, continue-on-error: true }
                      - { id: e, stage: work, agent: codex, prompt: p }
                      - { id: f, stage: look, parallel: [{ id: g, run: x, writes: false }] }
                    """)
                #expect(
                    try await rows("named") == [
                        "0 design a claude auto required", "1 b b - auto", "2 work d - auto required",
                        "3 look f - auto parallel required",
                    ])
                _ = try await database.store.freezeWorkflow(
                    name: "odd", source: "x", definition: .object(["stages": .string("x"), "steps": .bool(true)]),
                    author: "tester")
                #expect(try await rows("odd").isEmpty)
            }
        }
    }
}
