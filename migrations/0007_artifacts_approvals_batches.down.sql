drop table runner.batch_tasks;
drop table runner.batches;
drop table runner.approvals;
drop table runner.artifacts;
