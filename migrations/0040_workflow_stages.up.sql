-- The stages of each version: those that its definition lists, or else those that its steps name, each once.
create or replace view runner.workflow_stages as
select w.id as workflow_id,
       w.name as workflow_name,
       v.id as workflow_version_id,
       v.version,
       stage.stage_order,
       stage.step_key,
       stage.stage,
       stage.agent,
       stage.auto_transition,
       stage.parallel,
       stage.required,
       stage.manual_trigger
from runner.workflow_versions v
join runner.workflows w on w.id = v.workflow_id
cross join lateral (
    -- The key is that of the first step.
    select listed.position::integer - 1                              as stage_order,
           (select step.value ->> 'id'
            from jsonb_array_elements(
                case jsonb_typeof(v.definition -> 'steps') when 'array' then v.definition -> 'steps' else '[]' end
            ) with ordinality as step (value, position)
            where step.value ->> 'stage' = listed.value ->> 'name'
            order by step.position
            limit 1)                                                 as step_key,
           listed.value ->> 'name'                                   as stage,
           listed.value ->> 'agent'                                  as agent,
           coalesce(listed.value ->> 'transition', '') <> 'manual'   as auto_transition,
           coalesce(listed.value -> 'parallel', 'false') = 'true'    as parallel,
           coalesce(listed.value -> 'required', 'true') = 'true'     as required,
           coalesce(listed.value ->> 'transition', '') = 'manual'    as manual_trigger
    from jsonb_array_elements(
        case jsonb_typeof(v.definition -> 'stages') when 'array' then v.definition -> 'stages' else '[]' end
    ) with ordinality as listed (value, position)
    union all
    -- A step that names no stage is one of its own. An agent is told where all that have one have the same.
    select row_number() over (order by min(step.position))::integer - 1,
           (array_agg(step.value ->> 'id' order by step.position))[1],
           coalesce(step.value ->> 'stage', step.value ->> 'id'),
           case when min(step.value ->> 'agent') = max(step.value ->> 'agent') then min(step.value ->> 'agent') end,
           true,
           bool_and(
               coalesce(step.value #>> '{group,kind}', '') = 'parallel'
               or coalesce(step.value #> '{group,joins}', 'false') = 'true'),
           bool_or(coalesce(step.value -> 'continue-on-error', 'false') <> 'true'),
           false
    from jsonb_array_elements(
        case jsonb_typeof(v.definition -> 'steps') when 'array' then v.definition -> 'steps' else '[]' end
    ) with ordinality as step (value, position)
    where jsonb_typeof(v.definition -> 'stages') is distinct from 'array'
    group by coalesce(step.value ->> 'stage', step.value ->> 'id'), step.value ->> 'stage' is null
) as stage;

-- A view that is replaced loses its options. Servers before 15 have none of these.
do $$
begin
    if current_setting('server_version_num')::integer >= 150000 then
        alter view runner.workflow_stages set (security_invoker = true);
    end if;
end
$$;
