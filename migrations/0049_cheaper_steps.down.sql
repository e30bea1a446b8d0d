alter table runner.tasks reset (fillfactor);
drop index runner.tasks_labels_idx;
create index tasks_labels_idx on runner.tasks using gin (labels);
create index tasks_metadata_idx on runner.tasks using gin (metadata jsonb_path_ops);
drop trigger runs_notify_requeued on runner.runs;
create trigger runs_notify_requeued after update of status on runner.runs
    for each row when (new.status = 'queued' and old.status <> 'queued')
    execute function runner.notify_run('runner_queued');
drop trigger tasks_follow_batch on runner.tasks;
create trigger tasks_follow_batch after update of status on runner.tasks
    for each row when (new.source = 'batch' and (new.status in ('completed', 'failed', 'cancelled'))
                       is distinct from (old.status in ('completed', 'failed', 'cancelled')))
    execute function runner.follow_batch_task();
drop trigger tasks_settle_waits on runner.tasks;
create trigger tasks_settle_waits after update of status on runner.tasks
    for each row when (new.status in ('completed', 'failed', 'cancelled')
                       and old.status not in ('completed', 'failed', 'cancelled'))
    execute function runner.settle_waits();
drop function runner.notify_requeued;
create or replace function runner.follow_batch_task() returns trigger language plpgsql as $$
declare
    item record;
    wanted constant text := case when new.status in ('completed', 'failed', 'cancelled') then new.status
                                 when new.status = 'waiting' then 'pending' else 'processing' end;
begin
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
create or replace function runner.settle_waits() returns trigger language plpgsql as $$
declare
    waiting uuid[];
    one uuid;
    has_ended boolean;
begin
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
alter table runner.events
    add constraint events_kind_dotted check (kind ~ '^[a-z_]+([.][a-z_]+)+$' and length(kind) <= 100);
drop trigger events_sound on runner.events;
drop function runner.refuse_unsound_event;
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
create or replace function runner.take_queued(session uuid, room bigint) returns setof runner.runs language plpgsql rows 1 as $$
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
create or replace function runner.begin_attempt(
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
alter function runner.take_queued reset all;
alter function runner.set_steps reset all;
alter function runner.finish_run reset all;
alter function runner.begin_attempt reset all;
alter function runner.finish_attempt reset all;
