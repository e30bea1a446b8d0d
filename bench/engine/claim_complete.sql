update floor.runs set status = 'running', owner = 1, fence = fence + 1 where id = (
    select id from floor.runs where status = 'queued' order by id limit 1 for update skip locked) returning id \gset
update floor.runs set status = 'completed', owner = null where id = :id and fence = 1;
