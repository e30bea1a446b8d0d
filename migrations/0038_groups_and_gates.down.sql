alter table runner.approvals
    drop constraint approvals_message_length,
    drop constraint approvals_commit_name,
    drop constraint approvals_tree_name,
    drop constraint approvals_outputs_sha256_length,
    drop constraint approvals_choice_positive,
    drop column message,
    drop column commit_id,
    drop column tree_id,
    drop column outputs_sha256,
    drop column rework,
    drop column choice;
-- The key of a step was unique with its iteration, and only steps of groups had any.
delete from runner.steps where kind in ('foreach', 'matrix', 'workflow', 'fork', 'candidate', 'tool');
create or replace function runner.refuse_unsound_step() returns trigger language plpgsql as $$
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
