create table runner.tasks (
    id               uuid        not null default gen_random_uuid(),
    repository_id    uuid        not null,
    -- Numbers are never given out twice, also not after a rollback: gaps are fine, doubles are not.
    number           integer     not null generated always as identity,
    title            text        not null,
    prompt           text        not null,
    type             text        not null default 'task',
    source           text        not null default 'shell',
    source_reference text,
    status           text        not null default 'queued',
    stage            text,
    priority         smallint    not null default 0,
    agent            text,
    labels           text[]      not null default '{}',
    metadata         jsonb       not null default '{}',
    error            text,
    started_at       timestamptz,
    completed_at     timestamptz,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    constraint tasks_pkey primary key (id),
    constraint tasks_repository_id_fkey foreign key (repository_id)
        references runner.repositories (id) on delete cascade,
    constraint tasks_number_key unique (number),
    constraint tasks_number_positive check (number > 0),
    constraint tasks_title_length check (length(title) between 1 and 1000),
    constraint tasks_prompt_length check (length(prompt) between 1 and 1048576),
    constraint tasks_type_length check (length(type) between 1 and 100),
    constraint tasks_source_known check (source in ('shell', 'api', 'issue', 'batch', 'schedule')),
    constraint tasks_status_known
        check (status in ('queued', 'running', 'waiting', 'completed', 'failed', 'cancelled')),
    constraint tasks_completed_when_terminal
        check ((status in ('completed', 'failed', 'cancelled')) = (completed_at is not null)),
    constraint tasks_started_when_running check (status <> 'running' or started_at is not null),
    constraint tasks_times_in_order check (completed_at >= started_at),
    constraint tasks_labels_not_null check (array_position(labels, null) is null),
    constraint tasks_metadata_object check (jsonb_typeof(metadata) = 'object')
);

create index tasks_repository_id_idx on runner.tasks (repository_id, number desc);
create index tasks_status_idx on runner.tasks (status, number desc);
create index tasks_stage_idx on runner.tasks (stage, number desc) where stage is not null;
create index tasks_labels_idx on runner.tasks using gin (labels);
create index tasks_metadata_idx on runner.tasks using gin (metadata jsonb_path_ops);
create trigger tasks_touch before update on runner.tasks
    for each row execute function runner.touch_updated_at();

create table runner.environments (
    id            uuid        not null default gen_random_uuid(),
    repository_id uuid        not null,
    task_id       uuid        not null,
    parent_id     uuid,
    host          text        not null,
    worktree_path text        not null,
    branch        text        not null,
    base_commit   text        not null,
    head_commit   text,
    ports         integer[]   not null default '{}',
    status        text        not null default 'initializing',
    last_accessed timestamptz not null default now(),
    cleanup_after timestamptz,
    kept          boolean     not null default false,
    -- What a person asked for; the deadline at the end of the next run is counted with it.
    retention     interval,
    snapshot_ref  text,
    metadata      jsonb       not null default '{}',
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    constraint environments_pkey primary key (id),
    constraint environments_repository_id_fkey foreign key (repository_id)
        references runner.repositories (id) on delete cascade,
    constraint environments_task_id_fkey foreign key (task_id) references runner.tasks (id) on delete cascade,
    constraint environments_parent_id_fkey foreign key (parent_id)
        references runner.environments (id) on delete set null,
    constraint environments_host_length check (length(host) between 1 and 255),
    constraint environments_worktree_path_absolute check (worktree_path like '/%'),
    constraint environments_branch_length check (octet_length(branch) between 1 and 1024),
    constraint environments_base_commit_name check (runner.is_object_name(base_commit)),
    constraint environments_head_commit_name check (runner.is_object_name(head_commit)),
    constraint environments_ports_valid check (1 <= all (ports) and 65535 >= all (ports)),
    constraint environments_status_known
        check (status in ('initializing', 'running', 'testing', 'idle', 'cleaning', 'terminated')),
    -- A deadline exactly while a worktree exists, its run is not going on and nobody said to keep it.
    constraint environments_deadline_when_idle
        check ((status in ('idle', 'cleaning') and not kept) = (cleanup_after is not null)),
    constraint environments_retention_not_negative check (retention >= interval '0'),
    constraint environments_snapshot_ref_full check (snapshot_ref like 'refs/%'),
    constraint environments_metadata_object check (jsonb_typeof(metadata) = 'object')
);

create unique index environments_worktree_path_key on runner.environments (host, worktree_path)
    where status <> 'terminated';
create unique index environments_branch_key on runner.environments (host, repository_id, branch)
    where status <> 'terminated';
create index environments_repository_id_idx on runner.environments (repository_id);
create index environments_task_id_idx on runner.environments (task_id, created_at desc);
create index environments_parent_id_idx on runner.environments (parent_id);
create index environments_due_idx on runner.environments (host, cleanup_after) where cleanup_after is not null;
create trigger environments_touch before update on runner.environments
    for each row execute function runner.touch_updated_at();
