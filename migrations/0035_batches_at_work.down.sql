drop trigger tasks_follow_batch on runner.tasks;
drop function runner.follow_batch_task();
drop function runner.advance_batch(uuid);
drop function runner.begin_batch_task(runner.batches, runner.batch_tasks, uuid);
drop function runner.end_parked_run(uuid, text);
drop index runner.batch_tasks_status_idx;
alter table runner.batches
    drop column number,
    drop column width,
    drop column stop_on_failure,
    drop column workflow_version_id,
    drop column session_id,
    drop column plan;
