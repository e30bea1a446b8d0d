with p as (select nextval('floor.position')::int as next),
g as (select id from floor.runs where id = 0 and fence = 1 and status = 'running' for no key update),
e as (update floor.steps s set status = 'succeeded', finished = now() from g, p where s.run_id = g.id and s.position = p.next - 1 returning s.run_id)
insert into floor.steps (run_id, position, status, started) select e.run_id, p.next, 'running', now() from e, p;
