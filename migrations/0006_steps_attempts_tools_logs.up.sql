create table runner.steps (
    id          uuid        not null default gen_random_uuid(),
    run_id      uuid        not null,
    parent_id   uuid,
    position    integer     not null,
    iteration   integer     not null default 0,
    key         text        not null,
    kind        text        not null,
    stage       text,
    status      text        not null default 'pending',
    started_at  timestamptz,
    finished_at timestamptz,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    constraint steps_pkey primary key (id),
    constraint steps_run_id_fkey foreign key (run_id) references runner.runs (id) on delete cascade,
    constraint steps_parent_id_fkey foreign key (parent_id) references runner.steps (id) on delete cascade,
    constraint steps_position_key unique (run_id, position),
    constraint steps_key_key unique (run_id, key, iteration),
    constraint steps_position_not_negative check (position >= 0),
    constraint steps_iteration_not_negative check (iteration >= 0),
    constraint steps_key_length check (length(key) between 1 and 200),
    constraint steps_kind_known check (kind in ('run', 'agent', 'setup', 'approval', 'parallel', 'loop')),
    constraint steps_status_known
        check (status in ('pending', 'running', 'waiting', 'succeeded', 'failed', 'skipped', 'cancelled')),
    constraint steps_finished_when_terminal
        check ((status in ('succeeded', 'failed', 'skipped', 'cancelled')) = (finished_at is not null)),
    constraint steps_started_when_running check (status <> 'running' or started_at is not null),
    constraint steps_times_in_order check (finished_at >= started_at)
);

create index steps_parent_id_idx on runner.steps (parent_id) where parent_id is not null;
create trigger steps_touch before update on runner.steps
    for each row execute function runner.touch_updated_at();

create table runner.step_attempts (
    id                 uuid        not null default gen_random_uuid(),
    step_id            uuid        not null,
    number             integer     not null,
    -- The fence its writer held, so that an attempt of a replaced owner can be told from one of the present owner.
    fence              bigint      not null,
    agent              text,
    agent_session_id   text,
    status             text        not null default 'running',
    exit_code          integer,
    signal             integer,
    input              jsonb       not null default '{}',
    output             jsonb       not null default '{}',
    commit_before      text,
    commit_after       text,
    files_changed      integer,
    insertions         integer,
    deletions          integer,
    model              text,
    input_tokens       bigint,
    output_tokens      bigint,
    cache_read_tokens  bigint,
    cache_write_tokens bigint,
    cost_usd           numeric,
    output_bytes       bigint,
    output_sha256      bytea,
    started_at         timestamptz not null default now(),
    finished_at        timestamptz,
    duration_ms        bigint,
    error              text,
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now(),
    constraint step_attempts_pkey primary key (id),
    constraint step_attempts_step_id_fkey foreign key (step_id) references runner.steps (id) on delete cascade,
    constraint step_attempts_number_key unique (step_id, number),
    constraint step_attempts_number_positive check (number > 0),
    constraint step_attempts_fence_not_negative check (fence >= 0),
    constraint step_attempts_status_known
        check (status in ('running', 'succeeded', 'failed', 'timed_out', 'cancelled', 'interrupted')),
    constraint step_attempts_finished_when_terminal check ((status <> 'running') = (finished_at is not null)),
    constraint step_attempts_duration_when_terminal check ((status <> 'running') = (duration_ms is not null)),
    constraint step_attempts_duration_not_negative check (duration_ms >= 0),
    constraint step_attempts_times_in_order check (finished_at >= started_at),
    constraint step_attempts_exit_code_range check (exit_code between 0 and 255),
    constraint step_attempts_signal_range check (signal between 1 and 64),
    constraint step_attempts_exit_or_signal check (num_nonnulls(exit_code, signal) <= 1),
    constraint step_attempts_input_object check (jsonb_typeof(input) = 'object'),
    constraint step_attempts_output_object check (jsonb_typeof(output) = 'object'),
    constraint step_attempts_commit_before_name check (runner.is_object_name(commit_before)),
    constraint step_attempts_commit_after_name check (runner.is_object_name(commit_after)),
    constraint step_attempts_changes_not_negative
        check (files_changed >= 0 and insertions >= 0 and deletions >= 0),
    constraint step_attempts_tokens_not_negative
        check (input_tokens >= 0 and output_tokens >= 0 and cache_read_tokens >= 0 and cache_write_tokens >= 0),
    constraint step_attempts_tokens_together
        check (num_nulls(input_tokens, output_tokens, cache_read_tokens, cache_write_tokens) in (0, 4)),
    constraint step_attempts_cost_not_negative check (cost_usd >= 0 and cost_usd < 'infinity'),
    constraint step_attempts_output_bytes_not_negative check (output_bytes >= 0),
    constraint step_attempts_output_sha256_length check (octet_length(output_sha256) = 32)
);

create unique index step_attempts_one_running_per_step on runner.step_attempts (step_id) where status = 'running';
create trigger step_attempts_touch before update on runner.step_attempts
    for each row execute function runner.touch_updated_at();

create table runner.tool_executions (
    id           uuid        not null default gen_random_uuid(),
    attempt_id   uuid        not null,
    position     integer     not null,
    call_id      text        not null,
    name         text        not null,
    arguments    jsonb       not null default '{}',
    output       text,
    status       text        not null,
    error        text,
    started_at   timestamptz not null,
    completed_at timestamptz,
    duration_ms  bigint generated always as ((extract(epoch from completed_at - started_at) * 1000)::bigint) stored,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    constraint tool_executions_pkey primary key (id),
    constraint tool_executions_attempt_id_fkey foreign key (attempt_id)
        references runner.step_attempts (id) on delete cascade,
    constraint tool_executions_call_id_key unique (attempt_id, call_id),
    constraint tool_executions_position_not_negative check (position >= 0),
    constraint tool_executions_name_length check (length(name) between 1 and 500),
    constraint tool_executions_status_known
        check (status in ('running', 'succeeded', 'failed', 'denied', 'unknown')),
    -- Of a call with an unknown end, the time of that end may be unknown too.
    constraint tool_executions_completed_when_ended
        check (case status when 'running' then completed_at is null
                           when 'unknown' then true
                           else completed_at is not null end),
    constraint tool_executions_times_in_order check (completed_at >= started_at)
);

create index tool_executions_name_idx on runner.tool_executions (name, started_at desc);
create trigger tool_executions_touch before update on runner.tool_executions
    for each row execute function runner.touch_updated_at();

-- Rows are only ever added, and go with their attempt. The key leads with the attempt; a later partition by
-- created_at needs that column added to the key and nothing else.
create table runner.step_logs (
    attempt_id  uuid        not null,
    stream      text        not null,
    byte_offset bigint      not null,
    bytes       bytea       not null,
    created_at  timestamptz not null default now(),
    constraint step_logs_pkey primary key (attempt_id, stream, byte_offset),
    constraint step_logs_attempt_id_fkey foreign key (attempt_id)
        references runner.step_attempts (id) on delete cascade,
    constraint step_logs_stream_known check (stream in ('stdout', 'stderr')),
    constraint step_logs_offset_not_negative check (byte_offset >= 0),
    constraint step_logs_chunk_size check (octet_length(bytes) between 1 and 65536)
);

do $$
begin
    alter table runner.step_logs alter column bytes set compression lz4;
exception when feature_not_supported or syntax_error then
    raise notice 'this server has no lz4; log chunks are compressed with pglz';
end
$$;
