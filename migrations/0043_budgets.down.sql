update runner.step_attempts set failure_class = 'permanent' where failure_class = 'budget';

create or replace function runner.refuse_unsound_attempt() returns trigger language plpgsql as $$
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

drop index runner.usage_entries_created_at_idx;

alter table runner.runs drop column parked;
