-- A batch can be the refinement of another: each of its items runs an agent over the text of one item there, and what
-- the agent answers is kept beside that text by the transaction that ends the agent's task.
alter table runner.batches
    add column refines_id uuid,
    add constraint batches_refines_id_fkey foreign key (refines_id) references runner.batches (id) on delete cascade;

create index batches_refines_id_idx on runner.batches (refines_id) where refines_id is not null;

create function runner.keep_refined_text() returns trigger language plpgsql as $$
declare
    origin uuid;
    refined text;
begin
    select b.refines_id into origin from runner.batches b where b.id = new.batch_id;
    if origin is null then
        return null;
    end if;
    select coalesce(a.output #>> '{outputs,refined}', a.output ->> 'result') into refined
    from runner.runs r join runner.steps s on s.run_id = r.id join runner.step_attempts a on a.step_id = s.id
    where r.task_id = new.task_id and a.status = 'succeeded'
      and coalesce(a.output #>> '{outputs,refined}', a.output ->> 'result') is not null
    order by r.number desc, s.position desc, a.number desc limit 1;
    if btrim(refined, E' \t\r\n') <> '' then
        update runner.batch_tasks i
        set refined_state = jsonb_build_object('prompt', btrim(refined, E' \t\r\n'), 'task', new.task_id)
        where i.batch_id = origin and i.sequence = (new.original_state ->> 'item')::integer and i.task_id is null;
    end if;
    return null;
end
$$;

create trigger batch_tasks_keep_refined after update of status on runner.batch_tasks
    for each row when (new.status = 'completed' and old.status <> 'completed' and new.original_state ? 'item')
    execute function runner.keep_refined_text();
