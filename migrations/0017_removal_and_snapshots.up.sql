-- Where the removal of a worktree stands, who holds it, and what it takes on the disk.
alter table runner.environments
    add column removal          text not null default 'active',
    add column removal_reason   text,
    -- The name of the administrative folder in the hub, where it is not the folder's own name.
    add column admin_name       text,
    add column deadline_set_at  timestamptz not null default now(),
    -- Somebody was still at work when the deadline came.
    add column postponed_until  timestamptz,
    add column postponed_reason text,
    add column locked_at        timestamptz,
    add column lock_reason      text,
    add column trash_path       text,
    add column trash_until      timestamptz,
    add column size_bytes       bigint,
    add column derived_bytes    bigint,
    add column measured_at      timestamptz,
    add constraint environments_removal_known check (removal in
        ('active', 'expiring', 'quiet', 'saved', 'verified', 'trashed', 'removed', 'vanished')),
    add constraint environments_trashed_has_path
        check (removal <> 'trashed' or (trash_path is not null and trash_until is not null)),
    add constraint environments_trash_path_absolute check (trash_path like '/%'),
    add constraint environments_lock_reason_with_lock check (lock_reason is null or locked_at is not null),
    add constraint environments_admin_name_length check (octet_length(admin_name) between 1 and 255),
    add constraint environments_sizes_not_negative check (size_bytes >= 0 and derived_bytes >= 0);

update runner.environments set removal = case status when 'terminated' then 'removed' else 'expiring' end
where status in ('terminated', 'cleaning');

-- A status that is set without a word about the removal ends or begins it, and a new deadline voids a postponement.
create function runner.environments_follow() returns trigger language plpgsql as $$
begin
    if new.status = 'terminated' and new.removal not in ('trashed', 'removed', 'vanished') then
        new.removal := 'removed';
    elsif new.status = 'cleaning' and new.removal not in ('expiring', 'quiet', 'saved', 'verified') then
        new.removal := 'expiring';
    elsif new.status not in ('terminated', 'cleaning') and new.removal <> 'active' then
        new.removal := 'active';
        new.removal_reason := null;
        new.trash_path := null;
        new.trash_until := null;
    end if;
    if new.cleanup_after is distinct from old.cleanup_after then
        new.deadline_set_at := now();
        new.postponed_until := null;
        new.postponed_reason := null;
    end if;
    return new;
end
$$;

create trigger environments_follow before update on runner.environments
    for each row execute function runner.environments_follow();

create index environments_removal_idx on runner.environments (host, removal) where removal <> 'active';

create table runner.snapshots (
    id             uuid        not null default gen_random_uuid(),
    repository_id  uuid        not null,
    task_id        uuid        not null,
    environment_id uuid,
    host           text        not null,
    number         integer     not null,
    ref            text        not null,
    commit         text,
    reason         text        not null default 'removal',
    verified       boolean     not null default false,
    bytes          bigint,
    files          bigint,
    not_saved      jsonb       not null default '[]',
    expires_after  timestamptz not null,
    created_at     timestamptz not null default now(),
    constraint snapshots_pkey primary key (id),
    constraint snapshots_repository_id_fkey foreign key (repository_id)
        references runner.repositories (id) on delete cascade,
    constraint snapshots_task_id_fkey foreign key (task_id) references runner.tasks (id) on delete cascade,
    constraint snapshots_environment_id_fkey foreign key (environment_id)
        references runner.environments (id) on delete set null,
    constraint snapshots_ref_key unique (repository_id, host, ref),
    constraint snapshots_host_length check (length(host) between 1 and 255),
    constraint snapshots_number_positive check (number > 0),
    constraint snapshots_ref_full check (ref like 'refs/%'),
    constraint snapshots_commit_name check (runner.is_object_name(commit)),
    constraint snapshots_reason_known check (reason in ('removal', 'vanished', 'found')),
    constraint snapshots_sizes_not_negative check (bytes >= 0 and files >= 0),
    constraint snapshots_not_saved_array check (jsonb_typeof(not_saved) = 'array')
);

create index snapshots_task_id_idx on runner.snapshots (task_id, number desc);
create index snapshots_environment_id_idx on runner.snapshots (environment_id);
create index snapshots_expires_idx on runner.snapshots (host, expires_after);

insert into runner.snapshots
    (repository_id, task_id, environment_id, host, number, ref, reason, verified, expires_after)
select repository_id, task_id, id, host, coalesce(substring(snapshot_ref from '([1-9][0-9]{0,8})$')::integer, 1),
    snapshot_ref, 'removal', status = 'terminated', now() + interval '90 days'
from runner.environments where snapshot_ref is not null;

alter table runner.snapshots enable row level security;

do $$
begin
    if exists (select from pg_roles where rolname = 'runner_service') then
        grant select, insert, update, delete on runner.snapshots to runner_service;
        create policy service_all on runner.snapshots to runner_service using (true) with check (true);
    end if;
    if exists (select from pg_roles where rolname = 'runner_reader') then
        grant select on runner.snapshots to runner_reader;
        create policy reader_select on runner.snapshots for select to runner_reader using (true);
    end if;
end
$$;
