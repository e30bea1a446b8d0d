-- A run can wait until tasks have ended. By the rule 'completed' it is cancelled when one of them ends in another way, by
-- 'ended' any end will do. Meanwhile it is 'waiting' without a due time, an owner or a slot; the transaction that ends
-- the last of the tasks queues it, or makes it due where a living session holds it. No claim and no poll looks here.
create table runner.run_waits (
    run_id     uuid        not null,
    task_id    uuid        not null,
    rule       text        not null default 'completed',
    -- The run went on, or ended, whatever its other tasks do.
    settled_at timestamptz,
    created_at timestamptz not null default now(),
    constraint run_waits_pkey primary key (run_id, task_id),
    constraint run_waits_run_id_fkey foreign key (run_id) references runner.runs (id) on delete cascade,
    constraint run_waits_task_id_fkey foreign key (task_id) references runner.tasks (id) on delete cascade,
    constraint run_waits_rule_known check (rule in ('completed', 'ended'))
);

create index run_waits_task_id_idx on runner.run_waits (task_id);

-- Lets a run go on, or ends it, as the tasks that it waits for stand now; true when it was ended.
create function runner.settle_run(waiting uuid) returns boolean language plpgsql as $$
declare
    run record;
    broken record;
    reason text;
begin
    select r.id, r.task_id, r.number, r.environment_id, r.waiter_session_id into run from runner.runs r
    where r.id = waiting and r.status = 'waiting' and r.due_at is null for no key update;
    if not found then
        update runner.run_waits set settled_at = now() where run_id = waiting and settled_at is null;
        return false;
    end if;
    select t.number, t.status into broken from runner.run_waits w join runner.tasks t on t.id = w.task_id
    where w.run_id = waiting and w.settled_at is null and w.rule = 'completed' and t.status in ('failed', 'cancelled')
    order by t.number limit 1;
    if found then
        reason := format('not run, because task %s %s', broken.number,
            case broken.status when 'failed' then 'failed' else 'was cancelled' end);
        update runner.run_waits set settled_at = now() where run_id = waiting and settled_at is null;
        update runner.steps s set status = 'cancelled', finished_at = greatest(now(), s.started_at)
        where s.run_id = waiting and s.status in ('pending', 'running', 'waiting');
        update runner.runs r set status = 'cancelled', error = reason, waiter_session_id = null,
            finished_at = greatest(now(), r.started_at) where r.id = waiting;
        update runner.environments e set status = 'idle', last_accessed = now(),
            cleanup_after = case when not e.kept then now() + coalesce(e.retention, interval '7 days') end
        where e.id = run.environment_id and e.status in ('initializing', 'running', 'testing', 'idle');
        insert into runner.events (task_id, kind, detail)
        values (run.task_id, 'run.cancelled', jsonb_build_object('run', run.number, 'error', reason));
        update runner.tasks t set status = 'cancelled', error = reason, completed_at = greatest(now(), t.started_at)
        where t.id = run.task_id;
        return true;
    end if;
    if exists (select from runner.run_waits w join runner.tasks t on t.id = w.task_id
               where w.run_id = waiting and w.settled_at is null and t.status in ('queued', 'running', 'waiting')) then
        return false;
    end if;
    update runner.run_waits set settled_at = now() where run_id = waiting and settled_at is null;
    if run.waiter_session_id is null then
        update runner.runs r set status = 'queued' where r.id = waiting;
        update runner.tasks t set status = 'queued' where t.id = run.task_id;
        insert into runner.events (task_id, kind, detail)
        values (run.task_id, 'run.queued', jsonb_build_object('run', run.number));
    else
        update runner.runs r set due_at = now() where r.id = waiting;
        perform pg_notify('runner_queued', waiting::text);
    end if;
    return false;
end
$$;

-- Settles the runs that wait for a task which has just ended, and those that wait for what ends with them.
create function runner.settle_waits() returns trigger language plpgsql as $$
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

create trigger tasks_settle_waits after update of status on runner.tasks
    for each row when (new.status in ('completed', 'failed', 'cancelled')
                       and old.status not in ('completed', 'failed', 'cancelled'))
    execute function runner.settle_waits();

alter table runner.run_waits enable row level security;

do $$
begin
    if exists (select from pg_roles where rolname = 'runner_service') then
        grant select, insert, update, delete on runner.run_waits to runner_service;
        create policy service_all on runner.run_waits to runner_service using (true) with check (true);
    end if;
    if exists (select from pg_roles where rolname = 'runner_reader') then
        grant select on runner.run_waits to runner_reader;
        create policy reader_select on runner.run_waits for select to runner_reader using (true);
    end if;
end
$$;
