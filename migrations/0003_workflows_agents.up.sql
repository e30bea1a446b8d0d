create table runner.workflows (
    id          uuid        not null default gen_random_uuid(),
    name        text        not null,
    description text        not null default '',
    status      text        not null default 'active',
    tags        text[]      not null default '{}',
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    constraint workflows_pkey primary key (id),
    constraint workflows_name_key unique (name),
    constraint workflows_name_length check (length(name) between 1 and 200),
    constraint workflows_status_known check (status in ('draft', 'active', 'paused', 'archived')),
    constraint workflows_tags_not_null check (array_position(tags, null) is null)
);

create index workflows_tags_idx on runner.workflows using gin (tags);
create trigger workflows_touch before update on runner.workflows
    for each row execute function runner.touch_updated_at();

create table runner.workflow_versions (
    id          uuid        not null default gen_random_uuid(),
    workflow_id uuid        not null,
    version     integer     not null,
    source      text        not null,
    definition  jsonb       not null,
    checksum    text        not null,
    author      text        not null,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    constraint workflow_versions_pkey primary key (id),
    constraint workflow_versions_workflow_id_fkey foreign key (workflow_id)
        references runner.workflows (id) on delete cascade,
    constraint workflow_versions_version_key unique (workflow_id, version),
    constraint workflow_versions_checksum_key unique (workflow_id, checksum),
    constraint workflow_versions_version_positive check (version > 0),
    constraint workflow_versions_definition_object check (jsonb_typeof(definition) = 'object'),
    constraint workflow_versions_checksum_is_sha256 check (checksum ~ '^[0-9a-f]{64}$')
);

create trigger workflow_versions_touch before update on runner.workflow_versions
    for each row execute function runner.touch_updated_at();

-- The stages of each version, read from its definition.
create view runner.workflow_stages as
select w.id                                                         as workflow_id,
       w.name                                                       as workflow_name,
       v.id                                                         as workflow_version_id,
       v.version,
       step.position::integer - 1                                   as stage_order,
       step.value ->> 'id'                                          as step_key,
       coalesce(step.value ->> 'stage', step.value ->> 'id')        as stage,
       step.value ->> 'agent'                                       as agent,
       coalesce(step.value -> 'auto-transition', 'true') = 'true'   as auto_transition,
       coalesce(step.value -> 'parallel', 'false') not in ('false', 'null') as parallel,
       coalesce(step.value -> 'continue-on-error', 'false') <> 'true' as required,
       coalesce(step.value -> 'manual', 'false') = 'true'           as manual_trigger
from runner.workflow_versions v
join runner.workflows w on w.id = v.workflow_id
cross join lateral jsonb_array_elements(
    case jsonb_typeof(v.definition -> 'steps') when 'array' then v.definition -> 'steps' else '[]' end
) with ordinality as step (value, position);

-- A view asks with its owner's rights unless told otherwise, which servers before 15 cannot be.
do $$
begin
    if current_setting('server_version_num')::integer >= 150000 then
        alter view runner.workflow_stages set (security_invoker = true);
    end if;
end
$$;

create table runner.agents (
    id            uuid        not null default gen_random_uuid(),
    name          text        not null,
    type          text        not null,
    adapter       text        not null,
    version       text,
    capabilities  text[]      not null default '{}',
    configuration jsonb       not null default '{}',
    active        boolean     not null default true,
    last_used_at  timestamptz,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    constraint agents_pkey primary key (id),
    constraint agents_name_key unique (name),
    constraint agents_name_length check (length(name) between 1 and 200),
    constraint agents_type_known check (type in ('planning', 'development', 'qa', 'review', 'custom')),
    constraint agents_adapter_length check (length(adapter) between 1 and 200),
    constraint agents_configuration_object check (jsonb_typeof(configuration) = 'object')
);

comment on column runner.agents.configuration is 'Never holds a secret; it names the setting that does.';
create index agents_capabilities_idx on runner.agents using gin (capabilities);
create trigger agents_touch before update on runner.agents
    for each row execute function runner.touch_updated_at();

insert into runner.agents (name, type, adapter, capabilities)
values ('claude', 'development', 'claude', '{plan,edit,review,resume}'),
       ('command', 'custom', 'command', '{edit}');
