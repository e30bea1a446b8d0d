-- The schema is the product's own, so that it can live inside a shared database. A hosted server's operator may
-- have made it already, for a user who is not allowed to.
create schema if not exists runner;

create table runner.schema_migrations (
    version     integer     not null,
    name        text        not null,
    checksum    text        not null,
    applied_at  timestamptz not null default now(),
    duration_ms bigint      not null,
    constraint schema_migrations_pkey primary key (version),
    constraint schema_migrations_version_positive check (version > 0),
    constraint schema_migrations_checksum_is_sha256 check (checksum ~ '^[0-9a-f]{64}$'),
    constraint schema_migrations_duration_not_negative check (duration_ms >= 0)
);

create function runner.touch_updated_at() returns trigger language plpgsql as $$
begin
    new.updated_at := now();
    return new;
end
$$;

-- True for null and for a full SHA-1 or SHA-256 object name.
create function runner.is_object_name(name text) returns boolean language sql immutable parallel safe as $$
    select name is null or name ~ '^([0-9a-f]{40}|[0-9a-f]{64})$'
$$;
