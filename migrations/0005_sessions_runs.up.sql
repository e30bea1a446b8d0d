create table runner.sessions (
    id             uuid        not null default gen_random_uuid(),
    kind           text        not null,
    client         text        not null default '',
    user_name      text        not null,
    host           text        not null,
    boot_id        text        not null,
    process_id     integer     not null,
    process_start  bigint      not null,
    version        text        not null,
    active         boolean     not null default true,
    last_heartbeat timestamptz not null default now(),
    lease_until    timestamptz,
    draining       boolean     not null default false,
    metadata       jsonb       not null default '{}',
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    constraint sessions_pkey primary key (id),
    constraint sessions_kind_known check (kind in ('worker', 'cli', 'http', 'websocket')),
    constraint sessions_host_length check (length(host) between 1 and 255),
    constraint sessions_process_id_positive check (process_id > 0),
    constraint sessions_process_start_not_negative check (process_start >= 0),
    constraint sessions_lease_while_active check (active or lease_until is null),
    constraint sessions_metadata_object check (jsonb_typeof(metadata) = 'object')
);

-- No index on what a heartbeat writes, so that each one stays a heap-only update.
create index sessions_host_idx on runner.sessions (host) where active;
create trigger sessions_touch before update on runner.sessions
    for each row execute function runner.touch_updated_at();

create function runner.refuse_session_revival() returns trigger language plpgsql as $$
begin
    raise exception 'session % has ended and its id is never used again', old.id
        using errcode = 'check_violation', constraint = 'sessions_never_revived', table = 'sessions', schema = 'runner';
end
$$;

create trigger sessions_never_revived before update on runner.sessions
    for each row when (new.active and not old.active) execute function runner.refuse_session_revival();

create table runner.runs (
    id                  uuid        not null default gen_random_uuid(),
    task_id             uuid        not null,
    number              integer     not null,
    workflow_version_id uuid        not null,
    environment_id      uuid,
    status              text        not null default 'queued',
    priority            smallint    not null default 0,
    context             jsonb       not null default '{}',
    due_at              timestamptz,
    owner_session_id    uuid,
    fence               bigint      not null default 0,
    takeovers           integer     not null default 0,
    cancel_requested_at timestamptz,
    error               text,
    started_at          timestamptz,
    finished_at         timestamptz,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    constraint runs_pkey primary key (id),
    constraint runs_task_id_fkey foreign key (task_id) references runner.tasks (id) on delete cascade,
    constraint runs_workflow_version_id_fkey foreign key (workflow_version_id)
        references runner.workflow_versions (id),
    constraint runs_environment_id_fkey foreign key (environment_id)
        references runner.environments (id) on delete set null,
    constraint runs_owner_session_id_fkey foreign key (owner_session_id) references runner.sessions (id),
    constraint runs_number_key unique (task_id, number),
    constraint runs_number_positive check (number > 0),
    constraint runs_status_known
        check (status in ('queued', 'running', 'waiting', 'completed', 'failed', 'cancelled')),
    constraint runs_owner_when_running check ((status = 'running') = (owner_session_id is not null)),
    constraint runs_finished_when_terminal
        check ((status in ('completed', 'failed', 'cancelled')) = (finished_at is not null)),
    constraint runs_started_when_running check (status <> 'running' or started_at is not null),
    constraint runs_fenced_when_running check (status <> 'running' or fence > 0),
    constraint runs_times_in_order check (finished_at >= started_at),
    constraint runs_fence_not_negative check (fence >= 0),
    constraint runs_takeovers_not_negative check (takeovers >= 0),
    constraint runs_context_object check (jsonb_typeof(context) = 'object')
);

create unique index runs_one_open_per_task on runner.runs (task_id)
    where status in ('queued', 'running', 'waiting');
create index runs_workflow_version_id_idx on runner.runs (workflow_version_id);
create index runs_environment_id_idx on runner.runs (environment_id);
create index runs_owner_session_id_idx on runner.runs (owner_session_id) where owner_session_id is not null;
create index runs_queue_idx on runner.runs (priority desc, created_at) where status = 'queued';
create index runs_context_idx on runner.runs using gin (context jsonb_path_ops);
create trigger runs_touch before update on runner.runs
    for each row execute function runner.touch_updated_at();

-- A notification in every commit serialises the commits, so only what wakes somebody notifies; the payload is the
-- run, the channel is the trigger's argument.
create function runner.notify_run() returns trigger language plpgsql as $$
begin
    perform pg_notify(tg_argv[0], new.id::text);
    return null;
end
$$;

create trigger runs_notify_queued after insert on runner.runs
    for each row when (new.status = 'queued') execute function runner.notify_run('runner_queued');
create trigger runs_notify_requeued after update of status on runner.runs
    for each row when (new.status = 'queued' and old.status <> 'queued')
    execute function runner.notify_run('runner_queued');
create trigger runs_notify_cancel after update of cancel_requested_at on runner.runs
    for each row when (new.cancel_requested_at is not null and old.cancel_requested_at is null)
    execute function runner.notify_run('runner_cancel');

create function runner.refuse_used_version_change() returns trigger language plpgsql as $$
begin
    if exists (select from runner.runs where workflow_version_id = old.id) then
        raise exception 'workflow version % was used by a run and never changes', old.id
            using errcode = 'check_violation', constraint = 'workflow_versions_frozen',
                table = 'workflow_versions', schema = 'runner';
    end if;
    return new;
end
$$;

create trigger workflow_versions_frozen
    before update of workflow_id, version, source, definition, checksum on runner.workflow_versions
    for each row execute function runner.refuse_used_version_change();
