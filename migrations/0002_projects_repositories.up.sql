create table runner.projects (
    id                   uuid        not null default gen_random_uuid(),
    name                 text        not null,
    description          text        not null default '',
    default_workflow     text,
    default_agents       jsonb       not null default '{}',
    environment_settings jsonb       not null default '{}',
    workflows_enabled    boolean     not null default true,
    created_at           timestamptz not null default now(),
    updated_at           timestamptz not null default now(),
    constraint projects_pkey primary key (id),
    constraint projects_name_key unique (name),
    constraint projects_name_length check (length(name) between 1 and 200),
    constraint projects_default_agents_object check (jsonb_typeof(default_agents) = 'object'),
    constraint projects_environment_settings_object check (jsonb_typeof(environment_settings) = 'object')
);

create trigger projects_touch before update on runner.projects
    for each row execute function runner.touch_updated_at();

create table runner.repositories (
    id             uuid        not null default gen_random_uuid(),
    project_id     uuid,
    name           text        not null,
    url            text        not null,
    identity       text        not null,
    host           text        not null,
    owner          text        not null,
    default_branch text,
    status         text        not null default 'active',
    settings       jsonb       not null default '{}',
    verified_at    timestamptz,
    fetched_at     timestamptz,
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    constraint repositories_pkey primary key (id),
    constraint repositories_project_id_fkey foreign key (project_id)
        references runner.projects (id) on delete set null,
    constraint repositories_identity_key unique (identity),
    constraint repositories_name_length check (length(name) between 1 and 200),
    constraint repositories_url_length check (octet_length(url) between 1 and 4096),
    -- The second lock on the door: the URL policy has refused it long before.
    constraint repositories_url_without_password check (url !~ '^[A-Za-z][A-Za-z0-9+.-]*://[^/@]*:[^/@]*@'),
    constraint repositories_identity_length check (octet_length(identity) between 1 and 4200),
    constraint repositories_default_branch_length check (octet_length(default_branch) between 1 and 1024),
    constraint repositories_status_known check (status in ('active', 'unreachable', 'disabled')),
    constraint repositories_settings_object check (jsonb_typeof(settings) = 'object')
);

create index repositories_project_id_idx on runner.repositories (project_id);
create index repositories_name_idx on runner.repositories (name);
create index repositories_url_idx on runner.repositories (url);
create trigger repositories_touch before update on runner.repositories
    for each row execute function runner.touch_updated_at();
