-- A run that was taken over more often than `most` is ended by the claim after the one that was for giving it up: the program
-- says how often, which the function said again.
drop function runner.take_run;
create function runner.take_run(run uuid, fence bigint, status text, session uuid, most bigint)
returns runner.runs language plpgsql as $$
declare
    taken runner.runs;
    noted boolean;
begin
    select r.* into taken from runner.runs r
    where r.id = run and r.fence = take_run.fence and r.status = take_run.status for no key update;
    if taken.id is null then
        return null;
    end if;
    if taken.status = 'running' and taken.takeovers > most then
        noted := runner.end_run(run, taken.task_id, taken.number, taken.environment_id, 'failed',
            format('its worker died %s times without an attempt that finished; look at runner log %s and go on with '
                'runner retry', taken.takeovers + 1, (select t.number from runner.tasks t where t.id = taken.task_id)),
            interval '7 days', '{}');
        select r.* into taken from runner.runs r where r.id = run;
        return taken;
    end if;
    update runner.runs r set status = 'running', owner_session_id = session, fence = r.fence + 1,
        takeovers = r.takeovers + case r.status when 'running' then 1 else 0 end,
        due_at = null, waiter_session_id = null, started_at = coalesce(r.started_at, now())
    where r.id = run
    returning r.* into taken;
    noted := runner.note_events(taken.task_id, array[jsonb_build_object('kind', 'run.started', 'detail',
        jsonb_build_object('run', taken.number, 'fence', taken.fence, 'session', session))]);
    update runner.tasks t set status = 'running', started_at = coalesce(t.started_at, now())
    where t.id = taken.task_id;
    return taken;
end
$$;

-- The making of a task: one event needs no list, and whether a run is queued is asked in the function (as in 0049).
create or replace function runner.create_task(
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

create function runner.notify_queued() returns trigger language plpgsql as $$
begin
    if new.status = 'queued' then
        perform pg_notify('runner_queued', new.id::text);
    end if;
    return null;
end
$$;
drop trigger runs_notify_queued on runner.runs;
create trigger runs_notify_queued after insert on runner.runs
    for each row execute function runner.notify_queued();
alter function runner.create_task set plan_cache_mode = force_generic_plan;
