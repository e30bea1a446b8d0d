-- What a step and a run cost the server, by instructions counted. Each statement of a function is set up anew in each
-- call, so there are fewer of them; and the server reads a check of a table, and the condition of a trigger, from their
-- text in every statement, so those of the tables that every step writes are expressions of trigger functions, whose
-- plans stay with the session (as in 0020).

-- Changes the steps that a call names in one statement, and begins an attempt: its row is the intent.
create or replace function runner.finish_attempt(
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
    run_number integer;
    environment uuid;
    takeovers integer;
    moved record;
    next_key text;
    next_stage text;
    taken bigint;
    finished jsonb;
    begun jsonb;
    events jsonb[] := '{}';
    noted boolean;
begin
    select x.task_id, x.number, x.environment_id, x.takeovers into task_id, run_number, environment, takeovers
    from runner.runs x where x.id = run and x.fence = finish_attempt.fence and x.status = 'running' for no key update;
    if task_id is null then
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
        task_id := null;
        verdict := 'ended';
        return;
    end if;
    finished := jsonb_build_object('step', key, 'attempt', number, 'status', status, 'exit_code', exit_code,
        'duration_ms', taken);
    -- The step that ended, as a rule, and the one that begins, in one statement.
    for moved in
        update runner.steps s set
            status = case when s.id = next_step then 'running' else changed_statuses[1] end,
            started_at = case when s.id = next_step or changed_statuses[1] = 'running' then coalesce(s.started_at, now())
                              when changed_statuses[1] <> 'pending' then s.started_at end,
            finished_at = case when s.id = next_step then null
                when changed_statuses[1] in ('succeeded', 'failed', 'skipped', 'cancelled')
                then greatest(now(), s.started_at) end,
            iteration = case when s.id = next_step or changed_turns[1] < 0 then s.iteration else changed_turns[1] end
        -- Found by their keys: not by that of the run, which has many.
        where s.id = any (array[changed_steps[1], next_step]) and (s.run_id = run) is true
          and s.status in ('pending', 'running', 'waiting')
          and (s.id = next_step or s.status <> changed_statuses[1]
               or (changed_turns[1] >= 0 and s.iteration <> changed_turns[1]))
        returning s.id, s.key, s.stage, s.status
    loop
        if moved.id = next_step then
            next_key := moved.key;
            next_stage := moved.stage;
        elsif moved.status in ('skipped', 'cancelled', 'waiting') then
            events := events || jsonb_build_object('kind', 'step.' || moved.status,
                'detail', jsonb_build_object('step', moved.key));
        end if;
    end loop;
    if cardinality(changed_steps) > 1 then
        events := events || runner.change_steps(run, changed_steps[2:], changed_statuses[2:], changed_turns[2:]);
    end if;
    if head is not null and environment is not null then
        update runner.environments e set head_commit = head, base_commit = coalesce(base, e.base_commit)
        where e.id = environment
          and (e.head_commit, e.base_commit) is distinct from (head, coalesce(base, e.base_commit));
    end if;
    if next_step is not null then
        if next_key is null then
            raise exception 'step % is not open', next_step
                using errcode = 'check_violation', constraint = 'steps_open', table = 'steps', schema = 'runner';
        end if;
        insert into runner.step_attempts as a (step_id, number, fence, agent, input, commit_before, branch_before)
        values (next_step,
            1 + coalesce((select max(x.number) from runner.step_attempts x where x.step_id = next_step), 0),
            finish_attempt.fence, next_agent, next_input, next_commit_before, next_branch_before)
        returning a.id, a.number, a.started_at into next_attempt, next_number, next_started_at;
        if next_stage is not null then
            update runner.tasks t set stage = next_stage
            where t.id = finish_attempt.task_id and t.stage is distinct from next_stage;
        end if;
        begun := jsonb_build_object('step', next_key, 'attempt', next_number, 'agent', next_agent);
    end if;
    if run_status is null and begun is not null and cardinality(events) = 0 then
        insert into runner.events (task_id, kind, detail)
        values (task_id, 'step.finished', finished), (task_id, 'step.started', begun);
    else
        events := jsonb_build_object('kind', 'step.finished', 'detail', finished) || events;
        if begun is not null then
            events := events || jsonb_build_object('kind', 'step.started', 'detail', begun);
        end if;
        if run_status is null then
            noted := runner.note_events(task_id, events);
        else
            noted := runner.end_run(run, task_id, run_number, environment, run_status, run_error, retention, events);
        end if;
    end if;
    -- An attempt that came to an end of its own: takeovers are counted anew.
    if run_status is null and takeovers > 0 and status <> 'interrupted' and not waits then
        update runner.runs x set takeovers = 0 where x.id = run;
    end if;
    verdict := 'done';
end
$$;

-- Begins an attempt for the holder of a fence; nulls for others. Refuses a step that has ended.
create or replace function runner.begin_attempt(
    run uuid, fence bigint, step uuid, agent text, input jsonb, commit_before text, branch_before text,
    out attempt uuid, out number integer, out started_at timestamptz
) language plpgsql as $$
declare
    task uuid;
    step_key text;
    step_stage text;
begin
    select r.task_id into task from runner.runs r
    where r.id = run and r.fence = begin_attempt.fence and r.status = 'running' for no key update;
    if task is null then
        return;
    end if;
    update runner.steps s set status = 'running', started_at = coalesce(s.started_at, now())
    where s.id = step and s.run_id = run and s.status in ('pending', 'running', 'waiting')
    returning s.key, s.stage into step_key, step_stage;
    if step_key is null then
        raise exception 'step % is not open', step
            using errcode = 'check_violation', constraint = 'steps_open', table = 'steps', schema = 'runner';
    end if;
    insert into runner.step_attempts as a (step_id, number, fence, agent, input, commit_before, branch_before)
    values (step, 1 + coalesce((select max(x.number) from runner.step_attempts x where x.step_id = step), 0),
        begin_attempt.fence, begin_attempt.agent, begin_attempt.input, begin_attempt.commit_before,
        begin_attempt.branch_before)
    returning a.id, a.number, a.started_at into attempt, number, started_at;
    if step_stage is not null then
        update runner.tasks t set stage = step_stage where t.id = task and t.stage is distinct from step_stage;
    end if;
    insert into runner.events (task_id, kind, detail)
    values (task, 'step.started', jsonb_build_object('step', step_key, 'attempt', number, 'agent', agent));
end
$$;
drop function runner.begin_step;

-- Hands the queued runs that are due first to a living session, `room` at most: those of its host, and those of no host.
create or replace function runner.take_queued(session uuid, room bigint) returns setof runner.runs
language plpgsql rows 1 as $$
declare
    here text;
    candidate uuid;
    taken runner.runs;
    tasks uuid[] := '{}';
    details jsonb[] := '{}';
begin
    select s.host into here from runner.sessions s where s.id = session and s.active;
    if here is null then
        return;
    end if;
    for candidate in
        select r.id from runner.runs r
        where r.status = 'queued' and coalesce(
            (select e.host from runner.environments e where e.id = r.environment_id), r.host, here) = here
        order by r.priority desc, r.created_at limit room for no key update skip locked
    loop
        update runner.runs r set status = 'running', owner_session_id = session, fence = r.fence + 1,
            due_at = null, waiter_session_id = null, started_at = coalesce(r.started_at, now())
        where r.id = candidate
        returning r.* into taken;
        tasks := tasks || taken.task_id;
        details := details
            || jsonb_build_object('run', taken.number, 'fence', taken.fence, 'session', session);
        return next taken;
    end loop;
    if cardinality(tasks) > 0 then
        insert into runner.events (task_id, kind, detail)
        select e.task, 'run.started', e.detail from unnest(tasks, details) as e (task, detail);
        update runner.tasks t set status = 'running', started_at = coalesce(t.started_at, now())
        where t.id = any (tasks);
    end if;
end
$$;

-- One plan for all calls, by the indexes and in their order: it is kept while a table that was empty when it was made
-- grows, and such a scan marks the entries of dead rows, which the next one skips. Where there is no index, the penalty of
-- another scan must not set the compiler to work.
alter function runner.finish_attempt set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
    set jit = off;
alter function runner.begin_attempt set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
    set jit = off;
alter function runner.finish_run set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
    set jit = off;
alter function runner.set_steps set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
    set jit = off;
alter function runner.take_queued set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
    set jit = off;

-- The check of an event's kind.
create function runner.refuse_unsound_event() returns trigger language plpgsql as $$
declare
    broken constant text := case
        when not (new.kind ~ '^[a-z_]+([.][a-z_]+)+$' and length(new.kind) <= 100) then 'events_kind_dotted'
    end;
begin
    if broken is not null then
        raise exception 'new row for relation "events" violates check constraint "%"', broken
            using errcode = 'check_violation', constraint = broken, table = 'events', schema = 'runner';
    end if;
    return new;
end
$$;
create trigger events_sound before insert on runner.events
    for each row execute function runner.refuse_unsound_event();
alter table runner.events drop constraint events_kind_dotted;

-- The conditions of triggers, which call them; the functions that they call stay as they are.
create or replace function runner.settle_waits() returns trigger language plpgsql as $$
declare
    waiting uuid[];
    one uuid;
    has_ended boolean;
begin
    if not (new.status in ('completed', 'failed', 'cancelled')
            and old.status not in ('completed', 'failed', 'cancelled')) then
        return null;
    end if;
    -- For most tasks nobody waits, and they for nobody.
    if not exists (select from runner.run_waits w where w.task_id = new.id and w.settled_at is null)
       and not exists (select from runner.runs r join runner.run_waits w on w.run_id = r.id
                       where r.task_id = new.id and w.settled_at is null) then
        return null;
    end if;
    update runner.run_waits w set settled_at = now() from runner.runs r
    where r.task_id = new.id and w.run_id = r.id and w.settled_at is null;
    if not exists (select from runner.run_waits w where w.task_id = new.id and w.settled_at is null) then
        return null;
    end if;
    -- What ends within the loop below is on its list already.
    if current_setting('runner.settling', true) = 'on' then
        return null;
    end if;
    with recursive later (run_id) as (
        select w.run_id from runner.run_waits w where w.task_id = new.id and w.settled_at is null
        union
        select w.run_id from later l join runner.runs r on r.id = l.run_id
        join runner.run_waits w on w.task_id = r.task_id and w.settled_at is null
    )
    select array_agg(l.run_id order by t.number) into waiting
    from later l join runner.runs r on r.id = l.run_id join runner.tasks t on t.id = r.task_id;
    -- A task waits for older ones alone, so whoever locks in this order never waits for somebody who waits for it.
    perform r.id from unnest(waiting) with ordinality u (id, place) join runner.runs r on r.id = u.id
    order by u.place for no key update of r;
    perform set_config('runner.settling', 'on', true);
    loop
        has_ended := false;
        foreach one in array waiting loop
            if runner.settle_run(one) then
                has_ended := true;
            end if;
        end loop;
        exit when not has_ended;
    end loop;
    perform set_config('runner.settling', 'off', true);
    return null;
end
$$;

create or replace function runner.follow_batch_task() returns trigger language plpgsql as $$
declare
    item record;
    wanted constant text := case when new.status in ('completed', 'failed', 'cancelled') then new.status
                                 when new.status = 'waiting' then 'pending' else 'processing' end;
begin
    if not (new.source = 'batch' and (new.status in ('completed', 'failed', 'cancelled'))
            is distinct from (old.status in ('completed', 'failed', 'cancelled'))) then
        return null;
    end if;
    select i.id, i.batch_id into item from runner.batch_tasks i where i.task_id = new.id;
    if not found then
        return null;
    end if;
    -- Batch before item, as everywhere.
    perform from runner.batches where id = item.batch_id for no key update;
    select i.id, i.batch_id, i.status into item from runner.batch_tasks i where i.id = item.id;
    if item.status = wanted or (item.status = 'skipped' and wanted = 'cancelled') then
        return null;
    end if;
    update runner.batch_tasks i set status = wanted, error = new.error, finished_at = new.completed_at
    where i.id = item.id;
    update runner.batches b
    set completed_tasks = b.completed_tasks + (wanted = 'completed')::integer - (item.status = 'completed')::integer,
        failed_tasks = b.failed_tasks + (wanted = 'failed')::integer - (item.status = 'failed')::integer
    where b.id = item.batch_id;
    perform runner.advance_batch(item.batch_id);
    return null;
end
$$;

create function runner.notify_requeued() returns trigger language plpgsql as $$
begin
    if new.status = 'queued' and old.status <> 'queued' then
        perform pg_notify('runner_queued', new.id::text);
    end if;
    return null;
end
$$;

drop trigger tasks_settle_waits on runner.tasks;
create trigger tasks_settle_waits after update of status on runner.tasks
    for each row execute function runner.settle_waits();
drop trigger tasks_follow_batch on runner.tasks;
create trigger tasks_follow_batch after update of status on runner.tasks
    for each row execute function runner.follow_batch_task();
drop trigger runs_notify_requeued on runner.runs;
create trigger runs_notify_requeued after update of status on runner.runs
    for each row execute function runner.notify_requeued();

-- Each new version of a task's row has an entry in every index: none for what nothing asks for, and of the labels only
-- where there are any (`labels <> '{}' and labels @> …` finds them).
drop index runner.tasks_metadata_idx;
drop index runner.tasks_labels_idx;
create index tasks_labels_idx on runner.tasks using gin (labels) where labels <> '{}';
alter table runner.tasks set (fillfactor = 80);
