drop trigger batch_tasks_keep_refined on runner.batch_tasks;
drop function runner.keep_refined_text();
alter table runner.batches drop column refines_id;
