drop function runner.create_task;
create function runner.create_task(
    owner uuid, repository uuid, title text, prompt text, labels text[], priority bigint, source text, stage text,
    agent text, waits boolean, run_id uuid, workflow_version uuid, context jsonb, host text, steps jsonb,
    out task runner.tasks, out run runner.runs
) language plpgsql as $$
declare
    holder uuid;
    first_status text;
begin
    if owner is not null then
        select s.id into holder from runner.sessions s where s.id = owner and s.active;
    end if;
    first_status := case when waits then 'waiting' when holder is null then 'queued' else 'running' end;
    insert into runner.tasks (repository_id, title, prompt, labels, priority, source, stage, agent, status, started_at)
    values (repository, create_task.title, create_task.prompt, create_task.labels, create_task.priority,
        create_task.source, create_task.stage, create_task.agent, first_status,
        case first_status when 'running' then now() end)
    returning * into task;
    insert into runner.runs (id, task_id, number, workflow_version_id, priority, context, host, status,
        owner_session_id, waiter_session_id, fence, started_at)
    values (run_id, task.id, 1, workflow_version, create_task.priority, create_task.context, create_task.host,
        first_status, case when not waits then holder end, case when waits then holder end,
        case first_status when 'running' then 1 else 0 end, task.started_at)
    returning * into run;
    insert into runner.steps (id, run_id, position, key, kind, stage, status, finished_at)
    select s.id, create_task.run_id, s.position, s.key, s.kind, s.stage, s.status,
        case when s.status in ('succeeded', 'failed', 'skipped', 'cancelled') then now() end
    from jsonb_to_recordset(create_task.steps)
        as s (id uuid, position integer, key text, kind text, stage text, status text);
    insert into runner.events (task_id, kind, detail)
    values (task.id, 'task.created', jsonb_build_object('number', task.number, 'run', 1));
end
$$;
alter function runner.create_task set plan_cache_mode = force_generic_plan;
