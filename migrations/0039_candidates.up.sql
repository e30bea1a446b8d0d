-- A candidate of a fork is a task of its own. Its run's id is chosen, and written here, before the task is made: whoever
-- goes on after a crash makes no second one.
alter table runner.steps add column child_run_id uuid;
create unique index steps_child_run_id_idx on runner.steps (child_run_id) where child_run_id is not null;
