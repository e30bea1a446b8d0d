-- A run that was handed out to be given up, and is claimed once more because that worker died of it too, ends with the
-- claim, which hands it out as ended: only its processes are left, and those of ended attempts are looked for for ever.
create or replace function runner.take_run(run uuid, fence bigint, status text, session uuid) returns runner.runs
language plpgsql as $$
declare
    taken runner.runs;
    noted boolean;
    -- The program's limit; the claim after it is for giving up.
    limit_of_takeovers constant integer := 5;
begin
    select r.* into taken from runner.runs r
    where r.id = run and r.fence = take_run.fence and r.status = take_run.status for no key update;
    if taken.id is null then
        return null;
    end if;
    if taken.status = 'running' and taken.takeovers > limit_of_takeovers then
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
