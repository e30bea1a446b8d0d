drop index runner.steps_child_run_id_idx;
alter table runner.steps drop column child_run_id;
