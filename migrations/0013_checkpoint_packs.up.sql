-- What a run's newest checkpoint has beyond its base commit, so that any host that reaches the origin can go on with
-- the run. One row a run counts: a newer one replaces it.
create table runner.checkpoint_packs (
    id          uuid        not null default gen_random_uuid(),
    run_id      uuid        not null,
    attempt_id  uuid        not null,
    fence       bigint      not null,
    state       text        not null default 'writing',
    base_commit text        not null,
    head_commit text        not null,
    -- Full names of the references to set, each with its commit.
    refs        jsonb       not null default '{}',
    -- Bytes of the pack; of one above the cap only that it is.
    size_bytes  bigint,
    sha256      bytea,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    constraint checkpoint_packs_pkey primary key (id),
    constraint checkpoint_packs_run_id_fkey foreign key (run_id) references runner.runs (id) on delete cascade,
    constraint checkpoint_packs_attempt_id_fkey foreign key (attempt_id)
        references runner.step_attempts (id) on delete cascade,
    constraint checkpoint_packs_fence_not_negative check (fence >= 0),
    constraint checkpoint_packs_state_known check (state in ('writing', 'complete', 'too_large')),
    constraint checkpoint_packs_base_commit_name check (runner.is_object_name(base_commit)),
    constraint checkpoint_packs_head_commit_name check (runner.is_object_name(head_commit)),
    constraint checkpoint_packs_refs_object check (jsonb_typeof(refs) = 'object'),
    constraint checkpoint_packs_size_not_negative check (size_bytes >= 0),
    constraint checkpoint_packs_sha256_length check (octet_length(sha256) = 32),
    constraint checkpoint_packs_known_when_kept
        check ((state = 'too_large') = (size_bytes is null) and (state = 'too_large') = (sha256 is null))
);

create unique index checkpoint_packs_one_per_run on runner.checkpoint_packs (run_id) where state <> 'writing';
create index checkpoint_packs_run_id_idx on runner.checkpoint_packs (run_id);
create index checkpoint_packs_attempt_id_idx on runner.checkpoint_packs (attempt_id);
create trigger checkpoint_packs_touch before update on runner.checkpoint_packs
    for each row execute function runner.touch_updated_at();

create table runner.checkpoint_pack_parts (
    pack_id  uuid    not null,
    position integer not null,
    bytes    bytea   not null,
    constraint checkpoint_pack_parts_pkey primary key (pack_id, position),
    constraint checkpoint_pack_parts_pack_id_fkey foreign key (pack_id)
        references runner.checkpoint_packs (id) on delete cascade,
    constraint checkpoint_pack_parts_position_not_negative check (position >= 0),
    constraint checkpoint_pack_parts_part_size check (octet_length(bytes) between 1 and 1048576)
);

-- A pack is compressed already.
alter table runner.checkpoint_pack_parts alter column bytes set storage external;

alter table runner.checkpoint_packs enable row level security;
alter table runner.checkpoint_pack_parts enable row level security;

do $$
begin
    if exists (select from pg_roles where rolname = 'runner_service') then
        grant select, insert, update, delete on runner.checkpoint_packs, runner.checkpoint_pack_parts
            to runner_service;
        create policy service_all on runner.checkpoint_packs to runner_service using (true) with check (true);
        create policy service_all on runner.checkpoint_pack_parts to runner_service using (true) with check (true);
    end if;
    -- A reader of history sees that there is a pack; the files in it are the repository's, not the history's.
    if exists (select from pg_roles where rolname = 'runner_reader') then
        grant select on runner.checkpoint_packs to runner_reader;
        create policy reader_select on runner.checkpoint_packs for select to runner_reader using (true);
    end if;
end
$$;
