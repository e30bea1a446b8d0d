-- Steps inside groups, and approvals that are bound to what was shown.
-- A group's row keeps in `iteration` its present round, or how many turns it has.
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
        when not (new.kind in ('run', 'agent', 'setup', 'approval', 'parallel', 'loop', 'foreach', 'matrix',
            'workflow', 'fork', 'candidate', 'tool')) then 'steps_kind_known'
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

alter table runner.approvals
    -- What the person is asked, and what it was asked about: the commit that held the worktree, its tree, and a digest of
    -- what the steps before had put out.
    add column message        text not null default '',
    add column commit_id      text,
    add column tree_id        text,
    add column outputs_sha256 bytea,
    -- The step to which a rejection goes back.
    add column rework         text,
    add column choice         integer,
    add constraint approvals_message_length check (length(message) <= 1048576),
    add constraint approvals_commit_name check (runner.is_object_name(commit_id)),
    add constraint approvals_tree_name check (runner.is_object_name(tree_id)),
    add constraint approvals_outputs_sha256_length check (octet_length(outputs_sha256) = 32),
    add constraint approvals_choice_positive check (choice > 0);
