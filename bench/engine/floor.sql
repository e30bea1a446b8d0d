-- Bare tables for the floor: what any engine on PostgreSQL has to write.
create schema floor;
create table floor.runs (id bigserial primary key, status text not null, owner int, fence bigint not null default 0);
create index on floor.runs (id) where status = 'queued';
create table floor.steps (
    run_id bigint, position int, status text, started timestamptz, finished timestamptz, primary key (run_id, position));
create sequence floor.position;
create procedure floor.fill(count int) language sql as $$
    truncate floor.runs, floor.steps;
    insert into floor.runs (status) select 'queued' from generate_series(1, count);
    insert into floor.runs (id, status, owner, fence) values (0, 'running', 1, 1);
    insert into floor.steps values (0, 0, 'running', now());
    select setval('floor.position', 1, false);
$$;
