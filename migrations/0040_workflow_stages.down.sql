-- The stages of each version, read from its definition.
create or replace view runner.workflow_stages as
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

-- A view that is replaced loses its options. Servers before 15 have none of these.
do $$
begin
    if current_setting('server_version_num')::integer >= 150000 then
        alter view runner.workflow_stages set (security_invoker = true);
    end if;
end
$$;
