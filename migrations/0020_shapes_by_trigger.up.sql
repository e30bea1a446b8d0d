-- A statement reads and plans every check of each table it writes anew, twice where it updates one row and inserts
-- another: half of what a step cost. A function's plan stays with the session. The same rules under the same names for
-- the tables that every step writes, in one expression that yields the first broken rule; as in a check, null breaks
-- none. The way back makes checks of them again, over every row.
create function runner.refuse_unsound_task() returns trigger language plpgsql as $$
declare
    broken constant text := case
        when not (new.status in ('queued', 'running', 'waiting', 'completed', 'failed', 'cancelled'))
            then 'tasks_status_known'
        when not ((new.status in ('completed', 'failed', 'cancelled')) = (new.completed_at is not null))
            then 'tasks_completed_when_terminal'
        when not (new.status <> 'running' or new.started_at is not null) then 'tasks_started_when_running'
        when not (new.completed_at >= new.started_at) then 'tasks_times_in_order'
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

create function runner.refuse_unsound_run() returns trigger language plpgsql as $$
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
        when not (new.number > 0) then 'runs_number_positive'
        when not (new.fence >= 0) then 'runs_fence_not_negative'
        when not (new.takeovers >= 0) then 'runs_takeovers_not_negative'
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

create function runner.refuse_unsound_step() returns trigger language plpgsql as $$
declare
    broken constant text := case
        when not (new.status in ('pending', 'running', 'waiting', 'succeeded', 'failed', 'skipped', 'cancelled'))
            then 'steps_status_known'
        when not ((new.status in ('succeeded', 'failed', 'skipped', 'cancelled')) = (new.finished_at is not null))
            then 'steps_finished_when_terminal'
        when not (new.status <> 'running' or new.started_at is not null) then 'steps_started_when_running'
        when not (new.finished_at >= new.started_at) then 'steps_times_in_order'
        when not (new.position >= 0) then 'steps_position_not_negative'
        when not (new.iteration >= 0) then 'steps_iteration_not_negative'
        when not (length(new.key) between 1 and 200) then 'steps_key_length'
        when not (new.kind in ('run', 'agent', 'setup', 'approval', 'parallel', 'loop')) then 'steps_kind_known'
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

create function runner.refuse_unsound_attempt() returns trigger language plpgsql as $$
declare
    broken constant text := case
        when not (new.status in ('running', 'succeeded', 'failed', 'timed_out', 'cancelled', 'interrupted'))
            then 'step_attempts_status_known'
        when not ((new.status <> 'running') = (new.finished_at is not null))
            then 'step_attempts_finished_when_terminal'
        when not ((new.status <> 'running') = (new.duration_ms is not null))
            then 'step_attempts_duration_when_terminal'
        when not (new.duration_ms >= 0) then 'step_attempts_duration_not_negative'
        when not (new.finished_at >= new.started_at) then 'step_attempts_times_in_order'
        when not (new.number > 0) then 'step_attempts_number_positive'
        when not (new.fence >= 0) then 'step_attempts_fence_not_negative'
        when not (new.exit_code between 0 and 255) then 'step_attempts_exit_code_range'
        when not (new.signal between 1 and 64) then 'step_attempts_signal_range'
        when not (num_nonnulls(new.exit_code, new.signal) <= 1) then 'step_attempts_exit_or_signal'
        when not (jsonb_typeof(new.input) = 'object') then 'step_attempts_input_object'
        when not (jsonb_typeof(new.output) = 'object') then 'step_attempts_output_object'
        when not (jsonb_typeof(new.log) = 'object') then 'step_attempts_log_object'
        when not (jsonb_typeof(new.stop) = 'object') then 'step_attempts_stop_object'
        when not (new.commit_before ~ '^([0-9a-f]{40}|[0-9a-f]{64})$') then 'step_attempts_commit_before_name'
        when not (new.branch_before ~ '^([0-9a-f]{40}|[0-9a-f]{64})$') then 'step_attempts_branch_before_name'
        when not (new.commit_after ~ '^([0-9a-f]{40}|[0-9a-f]{64})$') then 'step_attempts_commit_after_name'
        when not (new.files_changed >= 0 and new.insertions >= 0 and new.deletions >= 0)
            then 'step_attempts_changes_not_negative'
        when not (new.input_tokens >= 0 and new.output_tokens >= 0 and new.cache_read_tokens >= 0
            and new.cache_write_tokens >= 0)
            then 'step_attempts_tokens_not_negative'
        when not (num_nulls(new.input_tokens, new.output_tokens, new.cache_read_tokens, new.cache_write_tokens)
            in (0, 4))
            then 'step_attempts_tokens_together'
        when not (new.cost_usd >= 0 and new.cost_usd < 'infinity') then 'step_attempts_cost_not_negative'
        when not (new.output_bytes >= 0) then 'step_attempts_output_bytes_not_negative'
        when not (octet_length(new.output_sha256) = 32) then 'step_attempts_output_sha256_length'
        when not (new.failure_class in ('transient', 'permanent', 'limit')) then 'step_attempts_failure_class_known'
    end;
begin
    if broken is not null then
        raise exception 'new row for relation "step_attempts" violates check constraint "%"', broken
            using errcode = 'check_violation', constraint = broken, table = 'step_attempts', schema = 'runner';
    end if;
    return new;
end
$$;

create trigger tasks_sound before insert or update on runner.tasks
    for each row execute function runner.refuse_unsound_task();
create trigger runs_sound before insert or update on runner.runs
    for each row execute function runner.refuse_unsound_run();
create trigger steps_sound before insert or update on runner.steps
    for each row execute function runner.refuse_unsound_step();
create trigger step_attempts_sound before insert or update on runner.step_attempts
    for each row execute function runner.refuse_unsound_attempt();

alter table runner.tasks
    drop constraint tasks_completed_when_terminal,
    drop constraint tasks_labels_not_null,
    drop constraint tasks_metadata_object,
    drop constraint tasks_number_positive,
    drop constraint tasks_prompt_length,
    drop constraint tasks_source_known,
    drop constraint tasks_started_when_running,
    drop constraint tasks_status_known,
    drop constraint tasks_times_in_order,
    drop constraint tasks_title_length,
    drop constraint tasks_type_length;
alter table runner.runs
    drop constraint runs_context_object,
    drop constraint runs_fence_not_negative,
    drop constraint runs_fenced_when_running,
    drop constraint runs_finished_when_terminal,
    drop constraint runs_host_length,
    drop constraint runs_number_positive,
    drop constraint runs_owner_when_running,
    drop constraint runs_started_when_running,
    drop constraint runs_status_known,
    drop constraint runs_takeovers_not_negative,
    drop constraint runs_times_in_order,
    drop constraint runs_waiter_when_waiting;
alter table runner.steps
    drop constraint steps_earlier_attempts_not_negative,
    drop constraint steps_finished_when_terminal,
    drop constraint steps_iteration_not_negative,
    drop constraint steps_key_length,
    drop constraint steps_kind_known,
    drop constraint steps_position_not_negative,
    drop constraint steps_started_when_running,
    drop constraint steps_status_known,
    drop constraint steps_times_in_order;
alter table runner.step_attempts
    drop constraint step_attempts_branch_before_name,
    drop constraint step_attempts_changes_not_negative,
    drop constraint step_attempts_commit_after_name,
    drop constraint step_attempts_commit_before_name,
    drop constraint step_attempts_cost_not_negative,
    drop constraint step_attempts_duration_not_negative,
    drop constraint step_attempts_duration_when_terminal,
    drop constraint step_attempts_exit_code_range,
    drop constraint step_attempts_exit_or_signal,
    drop constraint step_attempts_failure_class_known,
    drop constraint step_attempts_fence_not_negative,
    drop constraint step_attempts_finished_when_terminal,
    drop constraint step_attempts_input_object,
    drop constraint step_attempts_log_object,
    drop constraint step_attempts_number_positive,
    drop constraint step_attempts_output_bytes_not_negative,
    drop constraint step_attempts_output_object,
    drop constraint step_attempts_output_sha256_length,
    drop constraint step_attempts_signal_range,
    drop constraint step_attempts_status_known,
    drop constraint step_attempts_stop_object,
    drop constraint step_attempts_times_in_order,
    drop constraint step_attempts_tokens_not_negative,
    drop constraint step_attempts_tokens_together;
