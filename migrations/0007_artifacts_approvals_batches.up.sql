create table runner.artifacts (
    id         uuid        not null default gen_random_uuid(),
    task_id    uuid        not null,
    attempt_id uuid,
    name       text        not null,
    version    integer     not null,
    kind       text        not null,
    media_type text        not null,
    size_bytes bigint      not null,
    sha256     bytea       not null,
    -- The bytes are in the row, or at a Git object or path that `location` names.
    content    bytea,
    location   text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint artifacts_pkey primary key (id),
    constraint artifacts_task_id_fkey foreign key (task_id) references runner.tasks (id) on delete cascade,
    constraint artifacts_attempt_id_fkey foreign key (attempt_id)
        references runner.step_attempts (id) on delete set null,
    constraint artifacts_version_key unique (task_id, name, version),
    constraint artifacts_name_length check (length(name) between 1 and 200),
    constraint artifacts_version_positive check (version > 0),
    constraint artifacts_kind_known check (kind in ('text', 'json', 'file')),
    constraint artifacts_media_type_length check (length(media_type) between 1 and 200),
    constraint artifacts_size_not_negative check (size_bytes >= 0),
    constraint artifacts_sha256_length check (octet_length(sha256) = 32),
    constraint artifacts_bytes_in_one_place check (num_nonnulls(content, location) = 1),
    constraint artifacts_size_of_content check (octet_length(content) = size_bytes)
);

create index artifacts_attempt_id_idx on runner.artifacts (attempt_id);
create trigger artifacts_touch before update on runner.artifacts
    for each row execute function runner.touch_updated_at();

create table runner.approvals (
    id           uuid        not null default gen_random_uuid(),
    step_id      uuid        not null,
    artifact_id  uuid,
    status       text        not null default 'pending',
    requested_at timestamptz not null default now(),
    expires_at   timestamptz,
    decided_at   timestamptz,
    decided_by   text,
    notes        text,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    constraint approvals_pkey primary key (id),
    constraint approvals_step_id_fkey foreign key (step_id) references runner.steps (id) on delete cascade,
    constraint approvals_artifact_id_fkey foreign key (artifact_id)
        references runner.artifacts (id) on delete set null,
    constraint approvals_status_known check (status in ('pending', 'approved', 'rejected', 'expired')),
    constraint approvals_decided_when_not_pending check ((status <> 'pending') = (decided_at is not null)),
    constraint approvals_decided_by_someone
        check ((status in ('approved', 'rejected')) = (decided_by is not null)),
    constraint approvals_times_in_order check (decided_at >= requested_at and expires_at > requested_at)
);

create unique index approvals_one_pending_per_step on runner.approvals (step_id) where status = 'pending';
create index approvals_step_id_idx on runner.approvals (step_id);
create index approvals_artifact_id_idx on runner.approvals (artifact_id);
create index approvals_expires_at_idx on runner.approvals (expires_at) where status = 'pending';
create trigger approvals_touch before update on runner.approvals
    for each row execute function runner.touch_updated_at();

create table runner.batches (
    id              uuid        not null default gen_random_uuid(),
    project_id      uuid,
    repository_id   uuid,
    prompt          text        not null,
    mode            text        not null default 'sequential',
    status          text        not null default 'pending',
    total_tasks     integer     not null default 0,
    completed_tasks integer     not null default 0,
    failed_tasks    integer     not null default 0,
    error           text,
    started_at      timestamptz,
    finished_at     timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    constraint batches_pkey primary key (id),
    constraint batches_project_id_fkey foreign key (project_id) references runner.projects (id) on delete cascade,
    constraint batches_repository_id_fkey foreign key (repository_id)
        references runner.repositories (id) on delete cascade,
    constraint batches_prompt_length check (length(prompt) between 1 and 1048576),
    constraint batches_mode_known check (mode in ('sequential', 'parallel')),
    constraint batches_status_known
        check (status in ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    constraint batches_finished_when_terminal
        check ((status in ('completed', 'failed', 'cancelled')) = (finished_at is not null)),
    constraint batches_started_when_processing check (status <> 'processing' or started_at is not null),
    constraint batches_totals_add_up
        check (completed_tasks >= 0 and failed_tasks >= 0 and completed_tasks + failed_tasks <= total_tasks),
    constraint batches_times_in_order check (finished_at >= started_at)
);

create index batches_project_id_idx on runner.batches (project_id);
create index batches_repository_id_idx on runner.batches (repository_id);
create index batches_status_idx on runner.batches (status, created_at desc);
create trigger batches_touch before update on runner.batches
    for each row execute function runner.touch_updated_at();

create table runner.batch_tasks (
    id              uuid        not null default gen_random_uuid(),
    batch_id        uuid        not null,
    task_id         uuid,
    sequence        integer     not null,
    status          text        not null default 'pending',
    original_state  jsonb       not null default '{}',
    refined_state   jsonb,
    changes_applied jsonb       not null default '[]',
    error           text,
    finished_at     timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    constraint batch_tasks_pkey primary key (id),
    constraint batch_tasks_batch_id_fkey foreign key (batch_id) references runner.batches (id) on delete cascade,
    constraint batch_tasks_task_id_fkey foreign key (task_id) references runner.tasks (id) on delete cascade,
    constraint batch_tasks_sequence_key unique (batch_id, sequence),
    constraint batch_tasks_sequence_not_negative check (sequence >= 0),
    constraint batch_tasks_status_known
        check (status in ('pending', 'processing', 'completed', 'failed', 'cancelled', 'skipped')),
    constraint batch_tasks_finished_when_terminal
        check ((status in ('completed', 'failed', 'cancelled', 'skipped')) = (finished_at is not null)),
    constraint batch_tasks_original_state_object check (jsonb_typeof(original_state) = 'object'),
    constraint batch_tasks_refined_state_object check (jsonb_typeof(refined_state) = 'object'),
    constraint batch_tasks_changes_applied_array check (jsonb_typeof(changes_applied) = 'array')
);

create index batch_tasks_task_id_idx on runner.batch_tasks (task_id);
create trigger batch_tasks_touch before update on runner.batch_tasks
    for each row execute function runner.touch_updated_at();
