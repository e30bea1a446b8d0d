-- A role that other databases or people use stays; what it was given here goes.
drop policy if exists service_all on runner.api_tokens;
alter table runner.api_tokens disable row level security;
drop policy if exists reader_select on runner.settings;
drop policy if exists service_all on runner.settings;
alter table runner.settings disable row level security;
drop policy if exists reader_select on runner.events;
drop policy if exists service_all on runner.events;
alter table runner.events disable row level security;
drop policy if exists reader_select on runner.batch_tasks;
drop policy if exists service_all on runner.batch_tasks;
alter table runner.batch_tasks disable row level security;
drop policy if exists reader_select on runner.batches;
drop policy if exists service_all on runner.batches;
alter table runner.batches disable row level security;
drop policy if exists reader_select on runner.approvals;
drop policy if exists service_all on runner.approvals;
alter table runner.approvals disable row level security;
drop policy if exists reader_select on runner.artifacts;
drop policy if exists service_all on runner.artifacts;
alter table runner.artifacts disable row level security;
drop policy if exists reader_select on runner.step_logs;
drop policy if exists service_all on runner.step_logs;
alter table runner.step_logs disable row level security;
drop policy if exists reader_select on runner.tool_executions;
drop policy if exists service_all on runner.tool_executions;
alter table runner.tool_executions disable row level security;
drop policy if exists reader_select on runner.step_attempts;
drop policy if exists service_all on runner.step_attempts;
alter table runner.step_attempts disable row level security;
drop policy if exists reader_select on runner.steps;
drop policy if exists service_all on runner.steps;
alter table runner.steps disable row level security;
drop policy if exists reader_select on runner.runs;
drop policy if exists service_all on runner.runs;
alter table runner.runs disable row level security;
drop policy if exists reader_select on runner.sessions;
drop policy if exists service_all on runner.sessions;
alter table runner.sessions disable row level security;
drop policy if exists reader_select on runner.environments;
drop policy if exists service_all on runner.environments;
alter table runner.environments disable row level security;
drop policy if exists reader_select on runner.tasks;
drop policy if exists service_all on runner.tasks;
alter table runner.tasks disable row level security;
drop policy if exists reader_select on runner.agents;
drop policy if exists service_all on runner.agents;
alter table runner.agents disable row level security;
drop policy if exists reader_select on runner.workflow_versions;
drop policy if exists service_all on runner.workflow_versions;
alter table runner.workflow_versions disable row level security;
drop policy if exists reader_select on runner.workflows;
drop policy if exists service_all on runner.workflows;
alter table runner.workflows disable row level security;
drop policy if exists reader_select on runner.repositories;
drop policy if exists service_all on runner.repositories;
alter table runner.repositories disable row level security;
drop policy if exists reader_select on runner.projects;
drop policy if exists service_all on runner.projects;
alter table runner.projects disable row level security;
drop policy if exists reader_select on runner.schema_migrations;
drop policy if exists service_all on runner.schema_migrations;
alter table runner.schema_migrations disable row level security;

do $$
declare
    role_name text;
begin
    foreach role_name in array array['runner_service', 'runner_reader'] loop
        continue when not exists (select from pg_roles where rolname = role_name);
        execute format('revoke all on all tables in schema runner from %I', role_name);
        execute format('revoke all on all sequences in schema runner from %I', role_name);
        execute format('revoke all on schema runner from %I', role_name);
        continue when exists (
            select from pg_roles r
            where r.rolname = role_name
              and (r.rolcanlogin or exists (select from pg_auth_members m where m.roleid = r.oid or m.member = r.oid)));
        begin
            execute format('drop role %I', role_name);
        exception when dependent_objects_still_exist or insufficient_privilege or undefined_object then
            raise notice 'role "%" stays: another database uses it or this user may not drop it', role_name;
        end;
    end loop;
end
$$;
