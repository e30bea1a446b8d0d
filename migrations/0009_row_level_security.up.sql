-- Row-level security is on for every table: whoever is neither the owner nor in one of the two roles sees nothing.
-- Roles belong to the whole server, which may hold other databases that use them, and may not let us create any.
alter table runner.schema_migrations enable row level security;
alter table runner.projects enable row level security;
alter table runner.repositories enable row level security;
alter table runner.workflows enable row level security;
alter table runner.workflow_versions enable row level security;
alter table runner.agents enable row level security;
alter table runner.tasks enable row level security;
alter table runner.environments enable row level security;
alter table runner.sessions enable row level security;
alter table runner.runs enable row level security;
alter table runner.steps enable row level security;
alter table runner.step_attempts enable row level security;
alter table runner.tool_executions enable row level security;
alter table runner.step_logs enable row level security;
alter table runner.artifacts enable row level security;
alter table runner.approvals enable row level security;
alter table runner.batches enable row level security;
alter table runner.batch_tasks enable row level security;
alter table runner.events enable row level security;
alter table runner.settings enable row level security;
alter table runner.api_tokens enable row level security;

do $$
declare
    role_name text;
begin
    foreach role_name in array array['runner_service', 'runner_reader'] loop
        continue when exists (select from pg_roles where rolname = role_name);
        begin
            execute format('create role %I nologin', role_name);
        exception
            when duplicate_object or unique_violation then
                null; -- another database of this server made it in the same moment
            when insufficient_privilege then
                raise warning 'role "%" was not made, because this user may not create roles', role_name
                    using hint = 'The owner of schema "runner" has full access without it. To have it, let an '
                        'administrator create it, then revert and apply migration 0009.';
        end;
    end loop;
end
$$;

do $$
begin
    if not exists (select from pg_roles where rolname = 'runner_service') then
        return;
    end if;
    grant usage on schema runner to runner_service;
    grant select, insert, update, delete on all tables in schema runner to runner_service;
    grant usage, select on all sequences in schema runner to runner_service;
    create policy service_all on runner.schema_migrations to runner_service using (true) with check (true);
    create policy service_all on runner.projects to runner_service using (true) with check (true);
    create policy service_all on runner.repositories to runner_service using (true) with check (true);
    create policy service_all on runner.workflows to runner_service using (true) with check (true);
    create policy service_all on runner.workflow_versions to runner_service using (true) with check (true);
    create policy service_all on runner.agents to runner_service using (true) with check (true);
    create policy service_all on runner.tasks to runner_service using (true) with check (true);
    create policy service_all on runner.environments to runner_service using (true) with check (true);
    create policy service_all on runner.sessions to runner_service using (true) with check (true);
    create policy service_all on runner.runs to runner_service using (true) with check (true);
    create policy service_all on runner.steps to runner_service using (true) with check (true);
    create policy service_all on runner.step_attempts to runner_service using (true) with check (true);
    create policy service_all on runner.tool_executions to runner_service using (true) with check (true);
    create policy service_all on runner.step_logs to runner_service using (true) with check (true);
    create policy service_all on runner.artifacts to runner_service using (true) with check (true);
    create policy service_all on runner.approvals to runner_service using (true) with check (true);
    create policy service_all on runner.batches to runner_service using (true) with check (true);
    create policy service_all on runner.batch_tasks to runner_service using (true) with check (true);
    create policy service_all on runner.events to runner_service using (true) with check (true);
    create policy service_all on runner.settings to runner_service using (true) with check (true);
    create policy service_all on runner.api_tokens to runner_service using (true) with check (true);
end
$$;

do $$
begin
    if not exists (select from pg_roles where rolname = 'runner_reader') then
        return;
    end if;
    grant usage on schema runner to runner_reader;
    grant select on
        runner.workflow_stages, runner.settings,
        runner.schema_migrations, runner.projects, runner.repositories, runner.workflows,
        runner.workflow_versions, runner.agents, runner.tasks, runner.environments, runner.sessions,
        runner.runs, runner.steps, runner.step_attempts, runner.tool_executions, runner.step_logs,
        runner.artifacts, runner.approvals, runner.batches, runner.batch_tasks, runner.events
        to runner_reader;
    create policy reader_select on runner.schema_migrations for select to runner_reader using (true);
    create policy reader_select on runner.projects for select to runner_reader using (true);
    create policy reader_select on runner.repositories for select to runner_reader using (true);
    create policy reader_select on runner.workflows for select to runner_reader using (true);
    create policy reader_select on runner.workflow_versions for select to runner_reader using (true);
    create policy reader_select on runner.agents for select to runner_reader using (true);
    create policy reader_select on runner.tasks for select to runner_reader using (true);
    create policy reader_select on runner.environments for select to runner_reader using (true);
    create policy reader_select on runner.sessions for select to runner_reader using (true);
    create policy reader_select on runner.runs for select to runner_reader using (true);
    create policy reader_select on runner.steps for select to runner_reader using (true);
    create policy reader_select on runner.step_attempts for select to runner_reader using (true);
    create policy reader_select on runner.tool_executions for select to runner_reader using (true);
    create policy reader_select on runner.step_logs for select to runner_reader using (true);
    create policy reader_select on runner.artifacts for select to runner_reader using (true);
    create policy reader_select on runner.approvals for select to runner_reader using (true);
    create policy reader_select on runner.batches for select to runner_reader using (true);
    create policy reader_select on runner.batch_tasks for select to runner_reader using (true);
    create policy reader_select on runner.events for select to runner_reader using (true);
    create policy reader_select on runner.settings for select to runner_reader using (not secret);
end
$$;
