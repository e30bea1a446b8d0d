-- A batch carries everything that its tasks are made from, so that the transaction that ends one item's task makes, or
-- lets go on, the next ones: no process has to survive for it.
alter table runner.batches
    add column number integer not null generated always as identity,
    add column width integer not null default 1,
    add column stop_on_failure boolean not null default false,
    add column workflow_version_id uuid,
    -- The command that works on it: while it lives, new runs are held for it.
    add column session_id uuid,
    -- The runs' context, their steps, the agent and the host.
    add column plan jsonb not null default '{}',
    add constraint batches_number_key unique (number),
    add constraint batches_workflow_version_id_fkey foreign key (workflow_version_id)
        references runner.workflow_versions (id),
    add constraint batches_session_id_fkey foreign key (session_id) references runner.sessions (id) on delete set null,
    add constraint batches_width_range check (width between 1 and 1000),
    add constraint batches_plan_object check (jsonb_typeof(plan) = 'object');

create index batches_workflow_version_id_idx on runner.batches (workflow_version_id);
create index batches_session_id_idx on runner.batches (session_id) where session_id is not null;
create index batch_tasks_status_idx on runner.batch_tasks (batch_id, status, sequence);

-- Ends the run of a task that waits for its turn in a batch; does nothing to any other.
create function runner.end_parked_run(parked_task uuid, reason text) returns void language plpgsql as $$
declare
    run record;
begin
    update runner.runs r set status = 'cancelled', error = reason, waiter_session_id = null,
        finished_at = greatest(now(), r.started_at)
    where r.task_id = parked_task and r.status = 'waiting' and r.due_at is null
    returning r.id, r.number, r.environment_id into run;
    if not found then
        return;
    end if;
    update runner.steps s set status = 'cancelled', finished_at = greatest(now(), s.started_at)
    where s.run_id = run.id and s.status in ('pending', 'running', 'waiting');
    update runner.environments e set status = 'idle', last_accessed = now(),
        cleanup_after = case when not e.kept then now() + coalesce(e.retention, interval '7 days') end
    where e.id = run.environment_id and e.status in ('initializing', 'running', 'testing', 'idle');
    insert into runner.events (task_id, kind, detail)
    values (parked_task, 'run.cancelled', jsonb_build_object('run', run.number, 'error', reason));
    update runner.tasks t set status = 'cancelled', error = reason, completed_at = greatest(now(), t.started_at)
    where t.id = parked_task;
end
$$;

-- Makes the task of an item, or lets its parked run go on; the caller has locked the batch.
create function runner.begin_batch_task(b runner.batches, item runner.batch_tasks, holder uuid) returns void
language plpgsql as $$
declare
    state constant jsonb := item.original_state || coalesce(item.changes_applied -> -1, '{}');
    run_status constant text := case when holder is null then 'queued' else 'waiting' end;
    due constant timestamptz := case when holder is not null then now() end;
    task uuid := item.task_id;
    task_number integer;
    run uuid;
begin
    if task is null then
        insert into runner.tasks (repository_id, title, prompt, labels, priority, source, source_reference, stage, agent,
            status)
        values (b.repository_id, state ->> 'title', state ->> 'prompt',
            array(select jsonb_array_elements_text(coalesce(state -> 'labels', '[]'))),
            coalesce((state ->> 'priority')::smallint, 0), 'batch', b.number || '/' || item.sequence,
            (select s ->> 'stage' from jsonb_array_elements(b.plan -> 'steps') s
             order by (s ->> 'position')::integer limit 1),
            b.plan ->> 'agent', run_status)
        returning id, number into task, task_number;
        insert into runner.runs (task_id, number, workflow_version_id, priority, context, host, status,
            waiter_session_id, due_at)
        values (task, 1, b.workflow_version_id, coalesce((state ->> 'priority')::smallint, 0),
            (b.plan -> 'context') || jsonb_build_object('inputs', coalesce(state -> 'inputs', '{}')), b.plan ->> 'host',
            run_status, holder, due)
        returning id into run;
        insert into runner.steps (run_id, position, key, kind, stage)
        select run, s.position, s.key, s.kind, s.stage
        from jsonb_to_recordset(b.plan -> 'steps') as s (position integer, key text, kind text, stage text);
        insert into runner.events (task_id, kind, detail)
        values (task, 'task.created', jsonb_build_object('number', task_number, 'run', 1, 'batch', b.number));
    else
        update runner.runs r set status = run_status, waiter_session_id = holder, due_at = due
        where r.task_id = task and r.status = 'waiting' and r.due_at is null;
        update runner.tasks t set status = run_status where t.id = task and t.status = 'waiting';
    end if;
    update runner.batch_tasks i set task_id = task, status = 'processing', error = null, finished_at = null
    where i.id = item.id;
end
$$;

-- Begins what there is room for, and ends the batch when nothing is left. Safe to call at any time.
create function runner.advance_batch(batch uuid) returns void language plpgsql as $$
declare
    b runner.batches;
    item runner.batch_tasks;
    holder uuid;
    active integer;
    skipped constant text := 'skipped, because an item before it did not complete';
begin
    select * into b from runner.batches where id = batch for no key update;
    if b.status in ('failed', 'cancelled') and b.total_tasks > 0 and b.completed_tasks = b.total_tasks then
        -- Its last items were retried by hand.
        update runner.batches set status = 'completed', error = null where id = batch;
    end if;
    if b.status <> 'processing' then
        return;
    end if;
    if b.stop_on_failure and exists (
        select from runner.batch_tasks where batch_id = batch and status in ('failed', 'cancelled')
    ) then
        for item in update runner.batch_tasks set status = 'skipped', finished_at = now(), error = skipped
                    where batch_id = batch and status = 'pending' returning * loop
            if item.task_id is not null then
                perform runner.end_parked_run(item.task_id, skipped);
            end if;
        end loop;
    end if;
    select count(*) into active from runner.batch_tasks where batch_id = batch and status = 'processing';
    select o.id into holder from runner.sessions o
    where o.id = b.session_id and o.active and o.lease_until >= now();
    while active < b.width loop
        -- Who cancels a parked run has it locked and waits for the batch; it is passed over, never waited for.
        select i.* into item from runner.batch_tasks i
        where i.batch_id = batch and i.status = 'pending' and (i.task_id is null or exists (
            select from runner.runs r where r.task_id = i.task_id and r.status = 'waiting' and r.due_at is null
            for no key update skip locked))
        order by i.sequence limit 1;
        exit when not found;
        begin
            perform runner.begin_batch_task(b, item, holder);
            active := active + 1;
        exception when integrity_constraint_violation or data_exception then
            -- The end of the task before it must not fail for that.
            update runner.batch_tasks set status = 'failed', finished_at = now(), error = sqlerrm where id = item.id;
            update runner.batches set failed_tasks = failed_tasks + 1 where id = batch;
            if b.stop_on_failure then
                perform runner.advance_batch(batch);
                return;
            end if;
        end;
    end loop;
    if active = 0 then
        update runner.batches set status = case when completed_tasks = total_tasks then 'completed' else 'failed' end,
            session_id = null, finished_at = greatest(now(), started_at),
            error = case when completed_tasks < total_tasks
                then format('%s of %s items did not complete', total_tasks - completed_tasks, total_tasks) end
        where id = batch;
    end if;
end
$$;

-- An item follows its task: to its end, and back when that task is taken up again.
create function runner.follow_batch_task() returns trigger language plpgsql as $$
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

create trigger tasks_follow_batch after update of status on runner.tasks
    for each row when (new.source = 'batch' and (new.status in ('completed', 'failed', 'cancelled'))
                       is distinct from (old.status in ('completed', 'failed', 'cancelled')))
    execute function runner.follow_batch_task();
