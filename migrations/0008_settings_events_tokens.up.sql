create table runner.settings (
    key          text        not null,
    type         text        not null,
    value        jsonb,
    -- A secret is sealed before it gets here; the database never holds its key.
    sealed_value bytea,
    secret       boolean     not null default false,
    description  text        not null default '',
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    constraint settings_pkey primary key (key),
    constraint settings_key_form check (key ~ '^[a-z0-9][a-z0-9._-]{0,199}$'),
    constraint settings_type_known check (type in ('string', 'integer', 'float', 'boolean', 'json')),
    constraint settings_secret_is_sealed
        check (case when secret then value is null and sealed_value is not null
                    else value is not null and sealed_value is null end),
    constraint settings_value_of_type
        check (value is null or case type when 'string' then jsonb_typeof(value) = 'string'
                                          when 'integer' then jsonb_typeof(value) = 'number' and value::numeric % 1 = 0
                                          when 'float' then jsonb_typeof(value) = 'number'
                                          when 'boolean' then jsonb_typeof(value) = 'boolean'
                                          else true end)
);

create trigger settings_touch before update on runner.settings
    for each row execute function runner.touch_updated_at();

-- Append-only. Every writer of a task's event holds the row of the task's newest run, so that for one task the ids
-- come up in the order of the commits and a reader that remembers the last id misses none.
create table runner.events (
    id         bigint      not null generated always as identity,
    task_id    uuid,
    kind       text        not null,
    detail     jsonb       not null default '{}',
    created_at timestamptz not null default now(),
    constraint events_pkey primary key (id),
    constraint events_task_id_fkey foreign key (task_id) references runner.tasks (id) on delete cascade,
    constraint events_kind_dotted check (kind ~ '^[a-z_]+([.][a-z_]+)+$' and length(kind) <= 100)
);

create index events_task_id_idx on runner.events (task_id, id);

create function runner.refuse_event_change() returns trigger language plpgsql as $$
begin
    raise exception 'events are append-only'
        using errcode = 'check_violation', constraint = 'events_append_only', table = 'events', schema = 'runner';
end
$$;

create trigger events_append_only before update on runner.events
    for each row execute function runner.refuse_event_change();

create table runner.api_tokens (
    id           uuid        not null default gen_random_uuid(),
    name         text        not null,
    token_hash   bytea       not null,
    scopes       text[]      not null default '{}',
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    constraint api_tokens_pkey primary key (id),
    constraint api_tokens_token_hash_key unique (token_hash),
    constraint api_tokens_name_length check (length(name) between 1 and 200),
    constraint api_tokens_token_hash_is_sha256 check (octet_length(token_hash) = 32),
    constraint api_tokens_scopes_not_null check (array_position(scopes, null) is null),
    constraint api_tokens_expires_after_creation check (expires_at > created_at)
);

create trigger api_tokens_touch before update on runner.api_tokens
    for each row execute function runner.touch_updated_at();
