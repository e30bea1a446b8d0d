-- Claims as functions, for the reasons of 0046, and as many at once as a worker has room for.

-- Hands a run to a session if nobody changed its owner or state since they were read; null otherwise.
create function runner.take_run(run uuid, fence bigint, status text, session uuid) returns runner.runs
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

-- Hands the queued runs that are due first to a living session, `room` at most: those of its host, and those of no host.
create function runner.take_queued(session uuid, room bigint) returns setof runner.runs language plpgsql rows 1 as $$
declare
    here text;
    candidate record;
    taken runner.runs;
begin
    select s.host into here from runner.sessions s where s.id = session and s.active;
    if here is null then
        return;
    end if;
    for candidate in
        select r.id, r.fence from runner.runs r
        where r.status = 'queued' and coalesce(
            (select e.host from runner.environments e where e.id = r.environment_id), r.host, here) = here
        order by r.priority desc, r.created_at limit room for update skip locked
    loop
        taken := runner.take_run(candidate.id, candidate.fence, 'queued', session);
        if taken.id is not null then
            return next taken;
        end if;
    end loop;
end
$$;
