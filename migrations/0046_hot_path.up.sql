-- A statement of a dozen parts that write is set up anew each time, whatever is prepared: most of what a step cost went
-- into that. A function keeps the plans of its statements with the session, and does only what there is to do. All of a
-- call is one statement of its caller: everything or nothing. Events are gathered and written by one insert.

-- What happened to a task, in order: objects with "kind" and "detail".
create function runner.note_events(task uuid, happened jsonb[]) returns boolean language plpgsql as $$
begin
    insert into runner.events (task_id, kind, detail)
    select task, e.event ->> 'kind', e.event -> 'detail' from unnest(happened) as e (event);
    return true;
end
$$;

-- Gives open steps another state and, from 0 up, another turn; returns the events of it. Its caller holds the run.
create function runner.change_steps(run uuid, ids uuid[], statuses text[], turns bigint[]) returns jsonb[]
language plpgsql as $$
declare
    events jsonb[] := '{}';
    name text;
begin
    for i in 1 .. cardinality(ids) loop
        update runner.steps s set status = statuses[i],
            started_at = case statuses[i] when 'pending' then null
                                          when 'running' then coalesce(s.started_at, now())
                                          else s.started_at end,
            finished_at = case when statuses[i] in ('succeeded', 'failed', 'skipped', 'cancelled')
                then greatest(now(), s.started_at) end,
            iteration = case when turns[i] < 0 then s.iteration else turns[i] end
        where s.id = ids[i] and s.run_id = run and s.status in ('pending', 'running', 'waiting')
          and (s.status <> statuses[i] or (turns[i] >= 0 and s.iteration <> turns[i]))
        returning s.key into name;
        if name is not null and statuses[i] in ('skipped', 'cancelled', 'waiting') then
            events := events || jsonb_build_object('kind', 'step.' || statuses[i],
                'detail', jsonb_build_object('step', name));
        end if;
    end loop;
    return events;
end
$$;

-- Writes the intent to try a step, and refuses one that has ended; its caller holds the run.
create function runner.begin_step(
    run uuid, task uuid, step uuid, fence bigint, agent text, input jsonb, commit_before text, branch_before text,
    out attempt uuid, out number integer, out started_at timestamptz, out event jsonb
) language plpgsql as $$
declare
    step_key text;
    step_stage text;
begin
    update runner.steps s set status = 'running', started_at = coalesce(s.started_at, now())
    where s.id = step and s.run_id = run and s.status in ('pending', 'running', 'waiting')
    returning s.key, s.stage into step_key, step_stage;
    if step_key is null then
        raise exception 'step % is not open', step
            using errcode = 'check_violation', constraint = 'steps_open', table = 'steps', schema = 'runner';
    end if;
    insert into runner.step_attempts as a (step_id, number, fence, agent, input, commit_before, branch_before)
    values (step, 1 + coalesce((select max(x.number) from runner.step_attempts x where x.step_id = step), 0),
        begin_step.fence, begin_step.agent, begin_step.input, begin_step.commit_before, begin_step.branch_before)
    returning a.id, a.number, a.started_at into attempt, number, started_at;
    if step_stage is not null then
        update runner.tasks t set stage = step_stage where t.id = task and t.stage is distinct from step_stage;
    end if;
    event := jsonb_build_object('kind', 'step.started',
        'detail', jsonb_build_object('step', step_key, 'attempt', number, 'agent', agent));
end
$$;

-- Ends the task of a run that has ended, after `events` and one of its own, and begins the worktree's deadline.
create function runner.close_run(
    task uuid, number integer, environment uuid, ended text, reason text, retention interval, events jsonb[]
) returns boolean language plpgsql as $$
declare
    done boolean;
begin
    if environment is not null then
        update runner.environments e set status = 'idle', last_accessed = now(),
            cleanup_after = case when not e.kept then now() + coalesce(e.retention, close_run.retention) end
        where e.id = environment and e.status in ('initializing', 'running', 'testing', 'idle');
    end if;
    done := runner.note_events(task, events || jsonb_build_object('kind', 'run.' || ended,
        'detail', jsonb_build_object('run', number, 'error', reason)));
    -- At the end: its triggers wake what waits for it.
    update runner.tasks t set status = ended, error = reason, completed_at = greatest(now(), t.started_at)
    where t.id = task;
    return done;
end
$$;

-- Ends a run with its task, and with every step and attempt left open; its caller holds the run.
create function runner.end_run(
    run uuid, task uuid, number integer, environment uuid, ended text, reason text, retention interval, events jsonb[]
) returns boolean language plpgsql as $$
declare
    left_attempt uuid;
begin
    update runner.runs r set status = ended, error = reason, owner_session_id = null,
        finished_at = greatest(now(), r.started_at)
    where r.id = run;
    -- Step by step: of all attempts that run, with those whose index entries are dead, there are many.
    for left_attempt in
        select a.id from runner.steps s cross join lateral (
            select x.id from runner.step_attempts x where x.step_id = s.id and x.status = 'running' offset 0) a
        where s.run_id = run
    loop
        update runner.step_attempts a set status = 'interrupted', finished_at = greatest(now(), a.started_at),
            duration_ms = (extract(epoch from greatest(now(), a.started_at) - a.started_at) * 1000)::bigint,
            error = coalesce(a.error, 'the run ended')
        where a.id = left_attempt;
    end loop;
    -- A step that a decision skips is skipped by name; what is still pending here never came to be decided on, and a
    -- retry begins there.
    update runner.steps s set finished_at = greatest(now(), s.started_at),
        status = case when s.status = 'running' and ended <> 'cancelled' then 'failed' else 'cancelled' end
    where s.run_id = run and s.status in ('pending', 'running', 'waiting');
    return runner.close_run(task, number, environment, ended, reason, retention, events);
end
$$;

-- Ends a run for the holder of a fence; false for others.
create function runner.finish_run(run uuid, fence bigint, ended text, reason text, retention interval) returns boolean
language plpgsql as $$
declare
    r record;
begin
    select x.task_id, x.number, x.environment_id into r from runner.runs x
    where x.id = run and x.fence = finish_run.fence and x.status = 'running' for no key update;
    if not found then
        return false;
    end if;
    return runner.end_run(run, r.task_id, r.number, r.environment_id, ended, reason, retention, '{}');
end
$$;

-- Gives steps another state for the holder of a fence; false for others.
create function runner.set_steps(
    run uuid, fence bigint, changed_steps uuid[], changed_statuses text[], changed_turns bigint[]
) returns boolean language plpgsql as $$
declare
    task uuid;
    events jsonb[];
begin
    select r.task_id into task from runner.runs r
    where r.id = run and r.fence = set_steps.fence and r.status = 'running' for no key update;
    if task is null then
        return false;
    end if;
    events := runner.change_steps(run, changed_steps, changed_statuses, changed_turns);
    return cardinality(events) = 0 or runner.note_events(task, events);
end
$$;

-- Begins an attempt for the holder of a fence; nulls for others.
create function runner.begin_attempt(
    run uuid, fence bigint, step uuid, agent text, input jsonb, commit_before text, branch_before text,
    out attempt uuid, out number integer, out started_at timestamptz
) language plpgsql as $$
declare
    task uuid;
    begun record;
    noted boolean;
begin
    select r.task_id into task from runner.runs r
    where r.id = run and r.fence = begin_attempt.fence and r.status = 'running' for no key update;
    if task is null then
        return;
    end if;
    begun := runner.begin_step(run, task, step, fence, agent, input, commit_before, branch_before);
    noted := runner.note_events(task, array[begun.event]);
    attempt := begun.attempt;
    number := begun.number;
    started_at := begun.started_at;
end
$$;

-- Ends an attempt for the holder of a fence, changes steps, and begins the next attempt or ends the run where there is a
-- `next_step` or a `run_status`. The verdict is 'done', 'fenced' or, for an attempt that had ended before, 'ended': then
-- nothing was written. `waits`: the run is about to be parked by the caller.
create function runner.finish_attempt(
    run uuid, fence bigint, attempt uuid, step uuid,
    status text, exit_code bigint, signal bigint, output jsonb, agent text, agent_session_id text,
    commit_before text, commit_after text, files_changed bigint, insertions bigint, deletions bigint,
    model text, input_tokens bigint, output_tokens bigint, cache_read_tokens bigint, cache_write_tokens bigint,
    cost_usd double precision, output_bytes bigint, output_sha256 bytea, log jsonb, stop jsonb, error text,
    failure_class text, retry_at timestamptz, duration_ms bigint,
    changed_steps uuid[], changed_statuses text[], changed_turns bigint[], head text, base text, waits boolean,
    next_step uuid, next_agent text, next_input jsonb, next_commit_before text, next_branch_before text,
    run_status text, run_error text, retention interval,
    out verdict text, out task_id uuid, out key text, out number integer, out started_at timestamptz,
    out next_attempt uuid, out next_number integer, out next_started_at timestamptz
) language plpgsql as $$
declare
    r record;
    begun record;
    taken bigint;
    events jsonb[];
    noted boolean;
begin
    select x.task_id, x.number, x.environment_id, x.takeovers into r from runner.runs x
    where x.id = run and x.fence = finish_attempt.fence and x.status = 'running' for no key update;
    if r.task_id is null then
        verdict := 'fenced';
        return;
    end if;
    update runner.step_attempts a set status = finish_attempt.status, exit_code = finish_attempt.exit_code,
        signal = finish_attempt.signal, output = finish_attempt.output, agent = coalesce(finish_attempt.agent, a.agent),
        agent_session_id = coalesce(finish_attempt.agent_session_id, a.agent_session_id),
        commit_before = coalesce(finish_attempt.commit_before, a.commit_before),
        commit_after = finish_attempt.commit_after, files_changed = finish_attempt.files_changed,
        insertions = finish_attempt.insertions, deletions = finish_attempt.deletions, model = finish_attempt.model,
        input_tokens = finish_attempt.input_tokens, output_tokens = finish_attempt.output_tokens,
        cache_read_tokens = finish_attempt.cache_read_tokens, cache_write_tokens = finish_attempt.cache_write_tokens,
        cost_usd = finish_attempt.cost_usd, output_bytes = finish_attempt.output_bytes,
        output_sha256 = finish_attempt.output_sha256, log = finish_attempt.log, stop = finish_attempt.stop,
        error = finish_attempt.error, failure_class = finish_attempt.failure_class,
        retry_at = finish_attempt.retry_at, finished_at = greatest(now(), a.started_at),
        duration_ms = coalesce(finish_attempt.duration_ms,
            (extract(epoch from greatest(now(), a.started_at) - a.started_at) * 1000)::bigint)
    from runner.steps s
    where a.id = attempt and a.status = 'running' and a.step_id = step and s.id = step and s.run_id = run
    returning s.key, a.number, a.started_at, a.duration_ms into key, number, started_at, taken;
    if number is null then
        verdict := 'ended';
        return;
    end if;
    task_id := r.task_id;
    events := array[jsonb_build_object('kind', 'step.finished', 'detail', jsonb_build_object('step', key,
        'attempt', number, 'status', status, 'exit_code', exit_code, 'duration_ms', taken))];
    if cardinality(changed_steps) > 0 then
        events := events || runner.change_steps(run, changed_steps, changed_statuses, changed_turns);
    end if;
    if head is not null and r.environment_id is not null then
        update runner.environments e set head_commit = head, base_commit = coalesce(base, e.base_commit)
        where e.id = r.environment_id
          and (e.head_commit, e.base_commit) is distinct from (head, coalesce(base, e.base_commit));
    end if;
    if next_step is not null then
        begun := runner.begin_step(run, r.task_id, next_step, fence, next_agent, next_input, next_commit_before,
            next_branch_before);
        events := events || begun.event;
        next_attempt := begun.attempt;
        next_number := begun.number;
        next_started_at := begun.started_at;
    end if;
    if run_status is not null then
        noted := runner.end_run(run, r.task_id, r.number, r.environment_id, run_status, run_error, retention, events);
    else
        noted := runner.note_events(r.task_id, events);
        -- An attempt that came to an end of its own: takeovers are counted anew.
        if r.takeovers > 0 and status <> 'interrupted' and not waits then
            update runner.runs x set takeovers = 0 where x.id = run;
        end if;
    end if;
    verdict := 'done';
end
$$;
