-- What a step costs the server, once more by instructions counted. A function that is called for a row of several columns
-- has that row described anew in each call, so the two of every step answer with an array of text. An expression of a
-- function is made ready anew in each transaction, as long as it is: rules are asked only of rows that they can concern.

-- Ends an attempt for the holder of a fence, changes steps, and begins the next attempt or ends the run where there is a
-- `next_step` or a `run_status`. Answers 'done', with the next attempt's id, number and beginning where there is one;
-- 'fenced'; or, for an attempt that had ended before, 'ended': then nothing was written. `waits`: the run is about to be
-- parked by the caller. What an attempt did not leave need not be named.
drop function runner.finish_attempt;
create function runner.finish_attempt(
    run uuid, fence bigint, attempt uuid, step uuid, status text, exit_code bigint, output jsonb,
    changed_steps uuid[], changed_statuses text[], changed_turns bigint[],
    commit_before text default null, commit_after text default null, files_changed bigint default null,
    insertions bigint default null, deletions bigint default null, output_bytes bigint default null,
    output_sha256 bytea default null, log jsonb default null, duration_ms bigint default null,
    head text default null, base text default null, waits boolean default false,
    signal bigint default null, agent text default null, agent_session_id text default null, model text default null,
    input_tokens bigint default null, output_tokens bigint default null, cache_read_tokens bigint default null,
    cache_write_tokens bigint default null, cost_usd double precision default null, stop jsonb default null,
    error text default null, failure_class text default null, retry_at timestamptz default null,
    next_step uuid default null, next_agent text default null, next_input jsonb default null,
    next_commit_before text default null, next_branch_before text default null,
    run_status text default null, run_error text default null, retention interval default null
) returns text[] language plpgsql as $$
declare
    task uuid;
    run_number integer;
    environment uuid;
    takeovers integer;
    number integer;
    taken bigint;
    key text;
    next_key text;
    next_stage text;
    next_attempt uuid;
    next_number integer;
    next_started_at timestamptz;
    finished jsonb;
    begun jsonb;
    events jsonb[] := '{}';
    noted boolean;
begin
    select x.task_id, x.number, x.environment_id, x.takeovers into task, run_number, environment, takeovers
    from runner.runs x where x.id = run and x.fence = finish_attempt.fence and x.status = 'running' for no key update;
    if task is null then
        return array['fenced'];
    end if;
    if num_nonnulls(signal, agent, agent_session_id, model, input_tokens, output_tokens, cache_read_tokens,
        cache_write_tokens, cost_usd, stop, error, failure_class, retry_at) = 0
    then
        -- What a command leaves that came to its end.
        update runner.step_attempts a set status = finish_attempt.status, exit_code = finish_attempt.exit_code,
            output = finish_attempt.output, commit_before = coalesce(finish_attempt.commit_before, a.commit_before),
            commit_after = finish_attempt.commit_after, files_changed = finish_attempt.files_changed,
            insertions = finish_attempt.insertions, deletions = finish_attempt.deletions,
            output_bytes = finish_attempt.output_bytes, output_sha256 = finish_attempt.output_sha256,
            log = finish_attempt.log, finished_at = greatest(now(), a.started_at),
            duration_ms = coalesce(finish_attempt.duration_ms,
                (extract(epoch from greatest(now(), a.started_at) - a.started_at) * 1000)::bigint)
        where a.id = attempt and a.status = 'running' and a.step_id = step
        returning a.number, a.duration_ms into number, taken;
    else
        update runner.step_attempts a set status = finish_attempt.status, exit_code = finish_attempt.exit_code,
            signal = finish_attempt.signal, output = finish_attempt.output,
            agent = coalesce(finish_attempt.agent, a.agent),
            agent_session_id = coalesce(finish_attempt.agent_session_id, a.agent_session_id),
            commit_before = coalesce(finish_attempt.commit_before, a.commit_before),
            commit_after = finish_attempt.commit_after, files_changed = finish_attempt.files_changed,
            insertions = finish_attempt.insertions, deletions = finish_attempt.deletions, model = finish_attempt.model,
            input_tokens = finish_attempt.input_tokens, output_tokens = finish_attempt.output_tokens,
            cache_read_tokens = finish_attempt.cache_read_tokens,
            cache_write_tokens = finish_attempt.cache_write_tokens, cost_usd = finish_attempt.cost_usd,
            output_bytes = finish_attempt.output_bytes, output_sha256 = finish_attempt.output_sha256,
            log = finish_attempt.log, stop = finish_attempt.stop, error = finish_attempt.error,
            failure_class = finish_attempt.failure_class, retry_at = finish_attempt.retry_at,
            finished_at = greatest(now(), a.started_at),
            duration_ms = coalesce(finish_attempt.duration_ms,
                (extract(epoch from greatest(now(), a.started_at) - a.started_at) * 1000)::bigint)
        where a.id = attempt and a.status = 'running' and a.step_id = step
        returning a.number, a.duration_ms into number, taken;
    end if;
    if number is null then
        return array['ended'];
    end if;
    if cardinality(changed_steps) = 1 and changed_steps[1] = step and changed_turns[1] < 0
        and changed_statuses[1] in ('succeeded', 'failed')
    then
        -- The step that the attempt was of, as a rule. No column of a key is named, not even to stay as it is: whoever
        -- refers to the step would have to wait.
        update runner.steps s set status = changed_statuses[1], finished_at = greatest(now(), s.started_at)
        where s.id = step and s.run_id = run and s.status in ('pending', 'running', 'waiting')
        returning s.key into key;
    elsif cardinality(changed_steps) > 0 then
        events := runner.change_steps(run, changed_steps, changed_statuses, changed_turns);
    end if;
    if key is null then
        select s.key into key from runner.steps s where s.id = step and s.run_id = run;
        if key is null then
            raise exception 'step % is none of run %', step, run
                using errcode = 'check_violation', constraint = 'steps_of_run', table = 'steps', schema = 'runner';
        end if;
    end if;
    if head is not null and environment is not null then
        update runner.environments e set head_commit = head, base_commit = coalesce(base, e.base_commit)
        where e.id = environment
          and (e.head_commit, e.base_commit) is distinct from (head, coalesce(base, e.base_commit));
    end if;
    finished := jsonb_build_object('step', key, 'attempt', number, 'status', status, 'exit_code', exit_code,
        'duration_ms', taken);
    if next_step is not null then
        update runner.steps s set status = 'running', started_at = coalesce(s.started_at, now())
        where s.id = next_step and s.run_id = run and s.status in ('pending', 'running', 'waiting')
        returning s.key, s.stage into next_key, next_stage;
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
            update runner.tasks t set stage = next_stage where t.id = task and t.stage is distinct from next_stage;
        end if;
        begun := jsonb_build_object('step', next_key, 'attempt', next_number, 'agent', next_agent);
    end if;
    if run_status is null and begun is not null and cardinality(events) = 0 then
        insert into runner.events (task_id, kind, detail)
        values (task, 'step.finished', finished), (task, 'step.started', begun);
    else
        events := jsonb_build_object('kind', 'step.finished', 'detail', finished) || events;
        if begun is not null then
            events := events || jsonb_build_object('kind', 'step.started', 'detail', begun);
        end if;
        if run_status is null then
            noted := runner.note_events(task, events);
        else
            noted := runner.end_run(run, task, run_number, environment, run_status, run_error, retention, events);
        end if;
    end if;
    -- An attempt that came to an end of its own: takeovers are counted anew.
    if takeovers > 0 and run_status is null and status <> 'interrupted' and not waits then
        update runner.runs x set takeovers = 0 where x.id = run;
    end if;
    if next_attempt is null then
        return array['done'];
    end if;
    return array['done', next_attempt::text, next_number::text, next_started_at::text];
end
$$;

-- Begins an attempt for the holder of a fence. Refuses a step that has ended. Answers 'done', with the attempt's id, number
-- and beginning, or 'fenced'.
drop function runner.begin_attempt;
create function runner.begin_attempt(
    run uuid, fence bigint, step uuid, agent text, input jsonb, commit_before text, branch_before text
) returns text[] language plpgsql as $$
declare
    task uuid;
    step_key text;
    step_stage text;
    attempt uuid;
    number integer;
    started_at timestamptz;
begin
    select r.task_id into task from runner.runs r
    where r.id = run and r.fence = begin_attempt.fence and r.status = 'running' for no key update;
    if task is null then
        return array['fenced'];
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
    return array['done', attempt::text, number::text, started_at::text];
end
$$;

-- One plan for all calls, as in 0049.
alter function runner.finish_attempt set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
    set jit = off;
alter function runner.begin_attempt set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
    set jit = off;

-- The rules of the tables that every step writes, by what can break them: an update of a state asks those of states alone.
-- What has an `updated_at` keeps it in the same function: a second trigger costs as much as a rule or two.

create or replace function runner.refuse_unsound_task() returns trigger language plpgsql as $$
declare
    broken constant text := case
        when not (new.number > 0) then 'tasks_number_positive'
        when not (length(new.title) between 1 and 1000) then 'tasks_title_length'
        when not (length(new.prompt) between 1 and 1048576) then 'tasks_prompt_length'
        when not (length(new.type) between 1 and 100) then 'tasks_type_length'
        when not (new.source in ('shell', 'api', 'issue', 'batch', 'schedule')) then 'tasks_source_known'
        when not (array_position(new.labels, null) is null) then 'tasks_labels_not_null'
        when not (jsonb_typeof(new.metadata) = 'object') then 'tasks_metadata_object'
    end;
begin
    if broken is not null then
        raise exception 'new row for relation "tasks" violates check constraint "%"', broken
            using errcode = 'check_violation', constraint = broken, table = 'tasks', schema = 'runner';
    end if;
    return new;
end
$$;
create function runner.refuse_unsound_task_state() returns trigger language plpgsql as $$
declare
    broken constant text := case
        when not (new.status in ('queued', 'running', 'waiting', 'completed', 'failed', 'cancelled'))
            then 'tasks_status_known'
        when not ((new.status in ('completed', 'failed', 'cancelled')) = (new.completed_at is not null))
            then 'tasks_completed_when_terminal'
        when not (new.status <> 'running' or new.started_at is not null) then 'tasks_started_when_running'
        when not (new.completed_at >= new.started_at) then 'tasks_times_in_order'
    end;
begin
    if broken is not null then
        raise exception 'new row for relation "tasks" violates check constraint "%"', broken
            using errcode = 'check_violation', constraint = broken, table = 'tasks', schema = 'runner';
    end if;
    if tg_op = 'UPDATE' then
        new.updated_at := now();
    end if;
    return new;
end
$$;
drop trigger tasks_touch on runner.tasks;
drop trigger tasks_sound on runner.tasks;
create trigger tasks_sound before insert or update of number, title, prompt, type, source, labels, metadata on runner.tasks
    for each row execute function runner.refuse_unsound_task();
create trigger tasks_state_sound before insert or update on runner.tasks
    for each row execute function runner.refuse_unsound_task_state();

create or replace function runner.refuse_unsound_run() returns trigger language plpgsql as $$
declare
    broken constant text := case
        when not (new.number > 0) then 'runs_number_positive'
        when not (length(new.host) between 1 and 255) then 'runs_host_length'
        when not (jsonb_typeof(new.context) = 'object') then 'runs_context_object'
    end;
begin
    if broken is not null then
        raise exception 'new row for relation "runs" violates check constraint "%"', broken
            using errcode = 'check_violation', constraint = broken, table = 'runs', schema = 'runner';
    end if;
    return new;
end
$$;
create function runner.refuse_unsound_run_state() returns trigger language plpgsql as $$
declare
    broken constant text := case
        when not (new.status in ('queued', 'running', 'waiting', 'completed', 'failed', 'cancelled'))
            then 'runs_status_known'
        when not ((new.status = 'running') = (new.owner_session_id is not null)) then 'runs_owner_when_running'
        when not ((new.status in ('completed', 'failed', 'cancelled')) = (new.finished_at is not null))
            then 'runs_finished_when_terminal'
        when not (new.status <> 'running' or new.started_at is not null) then 'runs_started_when_running'
        when not (new.status <> 'running' or new.fence > 0) then 'runs_fenced_when_running'
        when not (new.waiter_session_id is null or new.status = 'waiting') then 'runs_waiter_when_waiting'
        when not (new.finished_at >= new.started_at) then 'runs_times_in_order'
        when not (new.fence >= 0) then 'runs_fence_not_negative'
        when not (new.takeovers >= 0) then 'runs_takeovers_not_negative'
    end;
begin
    if broken is not null then
        raise exception 'new row for relation "runs" violates check constraint "%"', broken
            using errcode = 'check_violation', constraint = broken, table = 'runs', schema = 'runner';
    end if;
    if tg_op = 'UPDATE' then
        new.updated_at := now();
    end if;
    return new;
end
$$;
drop trigger runs_touch on runner.runs;
drop trigger runs_sound on runner.runs;
create trigger runs_sound before insert or update of number, host, context on runner.runs
    for each row execute function runner.refuse_unsound_run();
create trigger runs_state_sound before insert or update on runner.runs
    for each row execute function runner.refuse_unsound_run_state();

create or replace function runner.refuse_unsound_step() returns trigger language plpgsql as $$
declare
    broken constant text := case
        when not (new.position >= 0) then 'steps_position_not_negative'
        when not (new.iteration >= 0) then 'steps_iteration_not_negative'
        when not (length(new.key) between 1 and 200) then 'steps_key_length'
        when not (new.kind in ('run', 'agent', 'setup', 'approval', 'parallel', 'loop', 'foreach', 'matrix',
            'workflow', 'fork', 'candidate', 'tool'))
            then 'steps_kind_known'
        when not (new.earlier_attempts >= 0) then 'steps_earlier_attempts_not_negative'
    end;
begin
    if broken is not null then
        raise exception 'new row for relation "steps" violates check constraint "%"', broken
            using errcode = 'check_violation', constraint = broken, table = 'steps', schema = 'runner';
    end if;
    return new;
end
$$;
create function runner.refuse_unsound_step_state() returns trigger language plpgsql as $$
declare
    broken constant text := case
        when not (new.status in ('pending', 'running', 'waiting', 'succeeded', 'failed', 'skipped', 'cancelled'))
            then 'steps_status_known'
        when not ((new.status in ('succeeded', 'failed', 'skipped', 'cancelled')) = (new.finished_at is not null))
            then 'steps_finished_when_terminal'
        when not (new.status <> 'running' or new.started_at is not null) then 'steps_started_when_running'
        when not (new.finished_at >= new.started_at) then 'steps_times_in_order'
    end;
begin
    if broken is not null then
        raise exception 'new row for relation "steps" violates check constraint "%"', broken
            using errcode = 'check_violation', constraint = broken, table = 'steps', schema = 'runner';
    end if;
    if tg_op = 'UPDATE' then
        new.updated_at := now();
    end if;
    return new;
end
$$;
drop trigger steps_touch on runner.steps;
drop trigger steps_sound on runner.steps;
create trigger steps_sound before insert or update of position, iteration, key, kind, earlier_attempts on runner.steps
    for each row execute function runner.refuse_unsound_step();
create trigger steps_state_sound before insert or update on runner.steps
    for each row execute function runner.refuse_unsound_step_state();

create or replace function runner.refuse_unsound_attempt() returns trigger language plpgsql as $$
declare
    broken text := case
        when not (new.status in ('running', 'succeeded', 'failed', 'timed_out', 'cancelled', 'interrupted'))
            then 'step_attempts_status_known'
        when not ((new.status <> 'running') = (new.finished_at is not null)) then 'step_attempts_finished_when_terminal'
        when not ((new.status <> 'running') = (new.duration_ms is not null)) then 'step_attempts_duration_when_terminal'
        when not (new.duration_ms >= 0) then 'step_attempts_duration_not_negative'
        when not (new.finished_at >= new.started_at) then 'step_attempts_times_in_order'
        when not (new.number > 0) then 'step_attempts_number_positive'
        when not (new.fence >= 0) then 'step_attempts_fence_not_negative'
        when not (new.exit_code between 0 and 255) then 'step_attempts_exit_code_range'
        when not (jsonb_typeof(new.input) = 'object') then 'step_attempts_input_object'
        when not (jsonb_typeof(new.output) = 'object') then 'step_attempts_output_object'
    end;
begin
    -- Null breaks no rule, so those about what is null need not be asked.
    if broken is null and num_nonnulls(new.commit_before, new.branch_before, new.commit_after, new.files_changed,
        new.insertions, new.deletions) > 0
    then
        broken := case
            when not (new.commit_before ~ '^([0-9a-f]{40}|[0-9a-f]{64})$') then 'step_attempts_commit_before_name'
            when not (new.branch_before ~ '^([0-9a-f]{40}|[0-9a-f]{64})$') then 'step_attempts_branch_before_name'
            when not (new.commit_after ~ '^([0-9a-f]{40}|[0-9a-f]{64})$') then 'step_attempts_commit_after_name'
            when not (new.files_changed >= 0 and new.insertions >= 0 and new.deletions >= 0)
                then 'step_attempts_changes_not_negative'
        end;
    end if;
    if broken is null and num_nonnulls(new.input_tokens, new.output_tokens, new.cache_read_tokens, new.cache_write_tokens,
        new.cost_usd) > 0
    then
        broken := case
            when not (new.input_tokens >= 0 and new.output_tokens >= 0 and new.cache_read_tokens >= 0
            and new.cache_write_tokens >= 0)
                then 'step_attempts_tokens_not_negative'
            when not (num_nulls(new.input_tokens, new.output_tokens, new.cache_read_tokens, new.cache_write_tokens)
            in (0, 4))
                then 'step_attempts_tokens_together'
            when not (new.cost_usd >= 0 and new.cost_usd < 'infinity') then 'step_attempts_cost_not_negative'
        end;
    end if;
    if broken is null and num_nonnulls(new.output_bytes, new.output_sha256, new.log, new.signal,
        new.stop, new.failure_class) > 0
    then
        broken := case
            when not (new.signal between 1 and 64) then 'step_attempts_signal_range'
            when not (num_nonnulls(new.exit_code, new.signal) <= 1) then 'step_attempts_exit_or_signal'
            when not (jsonb_typeof(new.log) = 'object') then 'step_attempts_log_object'
            when not (jsonb_typeof(new.stop) = 'object') then 'step_attempts_stop_object'
            when not (new.output_bytes >= 0) then 'step_attempts_output_bytes_not_negative'
            when not (octet_length(new.output_sha256) = 32) then 'step_attempts_output_sha256_length'
            when not (new.failure_class in ('transient', 'permanent', 'limit', 'budget'))
                then 'step_attempts_failure_class_known'
        end;
    end if;
    if broken is not null then
        raise exception 'new row for relation "step_attempts" violates check constraint "%"', broken
            using errcode = 'check_violation', constraint = broken, table = 'step_attempts', schema = 'runner';
    end if;
    if tg_op = 'UPDATE' then
        new.updated_at := now();
    end if;
    return new;
end
$$;
drop trigger step_attempts_touch on runner.step_attempts;

-- Nothing asks for runs by what their context holds, and each change of a run's state made an entry for it.
drop index runner.runs_context_idx;
