-- The runs that worked as candidates for a step before it began again: what they used counts in the budget of the run.
alter table runner.steps add column former_child_run_ids uuid[];
create index steps_former_child_run_ids_idx on runner.steps using gin (former_child_run_ids)
    where former_child_run_ids is not null;

-- An item whose task is beyond a limit of the server (a row of an index that is too long) fails like any that cannot be
-- made.
create or replace function runner.advance_batch(batch uuid) returns void language plpgsql as $$
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
        exception when integrity_constraint_violation or data_exception or program_limit_exceeded then
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
