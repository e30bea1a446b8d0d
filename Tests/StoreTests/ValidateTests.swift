import Postgres
import Testing

@testable import Store

extension StoreSuite {
    struct ValidateTests {
        @Test("A fresh schema is all ticks, with each kind of promise among them")
        func fresh() async throws {
            try await Database.with { database in
                let before = try database.dump()
                let checks = try await database.migrator.validate()
                #expect(checks.filter { !$0.isOK } == [])
                #expect(Set(checks.map(\.kind)) == Set(SchemaCheck.Kind.allCases))
                #expect(checks.filter { $0.kind == .table }.count == 29)
                #expect(try database.dump() == before)
                #expect(try await database.count("projects") == 0)
            }
        }

        /// What is done to the schema, and the only line that must turn into a cross.
        static let sabotages: [(sql: String, kind: SchemaCheck.Kind, name: String)] = [
            ("drop trigger sessions_touch on runner.sessions", .trigger, "sessions.sessions_touch"),
            ("alter table runner.sessions disable trigger sessions_touch", .trigger, "sessions.sessions_touch"),
            ("drop trigger runs_notify_queued on runner.runs", .trigger, "runs.runs_notify_queued"),
            ("drop index runner.tasks_labels_idx", .index, "tasks.tasks_labels_idx"),
            (
                "alter table runner.projects drop constraint projects_name_length", .check,
                "projects.projects_name_length"
            ),
            (
                """
                alter table runner.projects drop constraint projects_name_length,
                    add constraint projects_name_length check (length(name) < 9)
                """, .check, "projects.projects_name_length"
            ),
            ("drop trigger steps_sound on runner.steps", .trigger, "steps.steps_sound"),
            ("alter table runner.runs disable trigger runs_sound", .trigger, "runs.runs_sound"),
            (
                """
                create or replace function runner.refuse_unsound_attempt() returns trigger language plpgsql as
                'begin return new; end'
                """, .function, "refuse_unsound_attempt"
            ),
            (
                "alter table runner.tasks drop constraint tasks_repository_id_fkey", .foreignKey,
                "tasks.tasks_repository_id_fkey"
            ),
            ("alter table runner.steps drop constraint steps_position_key", .key, "steps.steps_position_key"),
            ("drop policy reader_select on runner.tasks", .policy, "tasks.reader_select"),
            ("alter policy reader_select on runner.settings using (true)", .policy, "settings.reader_select"),
            ("create policy leak on runner.api_tokens using (true)", .policy, "api_tokens.leak"),
            ("alter table runner.settings disable row level security", .rowSecurity, "settings"),
            ("grant select on runner.api_tokens to runner_reader", .privileges, "api_tokens"),
            ("revoke insert on runner.tasks from runner_service", .privileges, "tasks"),
            ("alter table runner.tasks drop column metadata cascade", .table, "tasks"),
            ("alter table runner.tasks alter column priority drop not null", .table, "tasks"),
            ("drop view runner.workflow_stages", .view, "workflow_stages"),
            (
                """
                create or replace function runner.is_object_name(name text) returns boolean language sql immutable
                parallel safe as 'select true'
                """, .function, "is_object_name"
            ),
            (
                "update runner.schema_migrations set checksum = repeat('0', 64) where version = 3", .migration,
                "3 workflows_agents"
            ),
        ]

        @Test("Every kind of damage turns its line into a cross", arguments: sabotages.indices)
        func sabotage(index: Int) async throws {
            let sabotage = Self.sabotages[index]
            try await Database.with { database in
                try await database.client.execute(SQL(unescaped: sabotage.sql))
                let bad = try await database.migrator.validate().filter { !$0.isOK }
                #expect(bad.contains { $0.kind == sabotage.kind && $0.name == sabotage.name }, "\(bad)")
                #expect(bad.allSatisfy { !$0.detail.isEmpty })
                // A dropped column takes its check and its index along.
                #expect(bad.count == 1 || sabotage.sql.contains("cascade"), "\(bad)")
            }
        }

        @Test("A dropped table, and with it all that hangs on it, is missing")
        func droppedTable() async throws {
            try await Database.with { database in
                try await database.client.execute("drop table runner.api_tokens")
                let bad = try await database.migrator.validate().filter { !$0.isOK }
                #expect(bad.allSatisfy { $0.name.hasPrefix("api_tokens") && $0.detail == "is missing" }, "\(bad)")
                #expect(bad.contains { $0.kind == .table } && bad.contains { $0.kind == .policy })
            }
        }

        @Test("A database that takes no write fails the trial write")
        func trialWrite() async throws {
            try await Database.with { database in
                try await database.client.execute(
                    "alter table runner.projects add constraint closed check (name <> 'validate')")
                let bad = try await database.migrator.validate().filter { !$0.isOK }
                #expect(bad.map(\.kind) == [.write])
            }
        }

        @Test("An empty database has a cross for everything and stays empty")
        func empty() async throws {
            try await Database.with(migrated: false) { database in
                let checks = try await database.migrator.validate()
                #expect(checks.allSatisfy { !$0.isOK || $0.kind == .role })
                #expect(try await database.value("select count(*) from pg_namespace where nspname = 'runner'") == 0)
            }
        }
    }
}
