drop trigger step_attempts_sound on runner.step_attempts;
drop function runner.refuse_unsound_attempt();
drop trigger steps_sound on runner.steps;
drop function runner.refuse_unsound_step();
drop trigger runs_sound on runner.runs;
drop function runner.refuse_unsound_run();
drop trigger tasks_sound on runner.tasks;
drop function runner.refuse_unsound_task();
alter table runner.tasks
    add constraint tasks_completed_when_terminal
        check ((status in ('completed', 'failed', 'cancelled')) = (completed_at is not null)),
    add constraint tasks_labels_not_null check (array_position(labels, null) is null),
    add constraint tasks_metadata_object check (jsonb_typeof(metadata) = 'object'),
    add constraint tasks_number_positive check (number > 0),
    add constraint tasks_prompt_length check (length(prompt) between 1 and 1048576),
    add constraint tasks_source_known check (source in ('shell', 'api', 'issue', 'batch', 'schedule')),
    add constraint tasks_started_when_running check (status <> 'running' or started_at is not null),
    add constraint tasks_status_known
        check (status in ('queued', 'running', 'waiting', 'completed', 'failed', 'cancelled')),
    add constraint tasks_times_in_order check (completed_at >= started_at),
    add constraint tasks_title_length check (length(title) between 1 and 1000),
    add constraint tasks_type_length check (length(type) between 1 and 100);
alter table runner.runs
    add constraint runs_context_object check (jsonb_typeof(context) = 'object'),
    add constraint runs_fence_not_negative check (fence >= 0),
    add constraint runs_fenced_when_running check (status <> 'running' or fence > 0),
    add constraint runs_finished_when_terminal
        check ((status in ('completed', 'failed', 'cancelled')) = (finished_at is not null)),
    add constraint runs_host_length check (length(host) between 1 and 255),
    add constraint runs_number_positive check (number > 0),
    add constraint runs_owner_when_running check ((status = 'running') = (owner_session_id is not null)),
    add constraint runs_started_when_running check (status <> 'running' or started_at is not null),
    add constraint runs_status_known
        check (status in ('queued', 'running', 'waiting', 'completed', 'failed', 'cancelled')),
    add constraint runs_takeovers_not_negative check (takeovers >= 0),
    add constraint runs_times_in_order check (finished_at >= started_at),
    add constraint runs_waiter_when_waiting check (waiter_session_id is null or status = 'waiting');
alter table runner.steps
    add constraint steps_earlier_attempts_not_negative check (earlier_attempts >= 0),
    add constraint steps_finished_when_terminal
        check ((status in ('succeeded', 'failed', 'skipped', 'cancelled')) = (finished_at is not null)),
    add constraint steps_iteration_not_negative check (iteration >= 0),
    add constraint steps_key_length check (length(key) between 1 and 200),
    add constraint steps_kind_known check (kind in ('run', 'agent', 'setup', 'approval', 'parallel', 'loop')),
    add constraint steps_position_not_negative check (position >= 0),
    add constraint steps_started_when_running check (status <> 'running' or started_at is not null),
    add constraint steps_status_known
        check (status in ('pending', 'running', 'waiting', 'succeeded', 'failed', 'skipped', 'cancelled')),
    add constraint steps_times_in_order check (finished_at >= started_at);
alter table runner.step_attempts
    add constraint step_attempts_branch_before_name check (runner.is_object_name(branch_before)),
    add constraint step_attempts_changes_not_negative check (files_changed >= 0 and insertions >= 0 and deletions >= 0),
    add constraint step_attempts_commit_after_name check (commit_after ~ '^([0-9a-f]{40}|[0-9a-f]{64})$'),
    add constraint step_attempts_commit_before_name check (commit_before ~ '^([0-9a-f]{40}|[0-9a-f]{64})$'),
    add constraint step_attempts_cost_not_negative check (cost_usd >= 0 and cost_usd < 'infinity'),
    add constraint step_attempts_duration_not_negative check (duration_ms >= 0),
    add constraint step_attempts_duration_when_terminal check ((status <> 'running') = (duration_ms is not null)),
    add constraint step_attempts_exit_code_range check (exit_code between 0 and 255),
    add constraint step_attempts_exit_or_signal check (num_nonnulls(exit_code, signal) <= 1),
    add constraint step_attempts_failure_class_known check (failure_class in ('transient', 'permanent', 'limit')),
    add constraint step_attempts_fence_not_negative check (fence >= 0),
    add constraint step_attempts_finished_when_terminal check ((status <> 'running') = (finished_at is not null)),
    add constraint step_attempts_input_object check (jsonb_typeof(input) = 'object'),
    add constraint step_attempts_log_object check (jsonb_typeof(log) = 'object'),
    add constraint step_attempts_number_positive check (number > 0),
    add constraint step_attempts_output_bytes_not_negative check (output_bytes >= 0),
    add constraint step_attempts_output_object check (jsonb_typeof(output) = 'object'),
    add constraint step_attempts_output_sha256_length check (octet_length(output_sha256) = 32),
    add constraint step_attempts_signal_range check (signal between 1 and 64),
    add constraint step_attempts_status_known
        check (status in ('running', 'succeeded', 'failed', 'timed_out', 'cancelled', 'interrupted')),
    add constraint step_attempts_stop_object check (jsonb_typeof(stop) = 'object'),
    add constraint step_attempts_times_in_order check (finished_at >= started_at),
    add constraint step_attempts_tokens_not_negative
        check (input_tokens >= 0 and output_tokens >= 0 and cache_read_tokens >= 0 and cache_write_tokens >= 0),
    add constraint step_attempts_tokens_together
        check (num_nulls(input_tokens, output_tokens, cache_read_tokens, cache_write_tokens) in (0, 4));
