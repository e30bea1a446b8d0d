create or replace function runner.take_run(run uuid, fence bigint, status text, session uuid) returns runner.runs
language plpgsql as $$
declare
    taken runner.runs;
    noted boolean;
begin
    update runner.runs r set status = 'running', owner_session_id = session, fence = r.fence + 1,
        takeovers = r.takeovers + case r.status when 'running' then 1 else 0 end,
        due_at = null, waiter_session_id = null, started_at = coalesce(r.started_at, now())
    where r.id = run and r.fence = take_run.fence and r.status = take_run.status
    returning r.* into taken;
    if taken.id is not null then
        noted := runner.note_events(taken.task_id, array[jsonb_build_object('kind', 'run.started', 'detail',
            jsonb_build_object('run', taken.number, 'fence', taken.fence, 'session', session))]);
        update runner.tasks t set status = 'running', started_at = coalesce(t.started_at, now())
        where t.id = taken.task_id;
    end if;
    return taken;
end
$$;
