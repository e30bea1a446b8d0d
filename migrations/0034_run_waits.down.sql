drop trigger tasks_settle_waits on runner.tasks;
drop function runner.settle_waits();
drop function runner.settle_run(uuid);
-- Nothing would wake them any more.
update runner.runs r set status = 'queued', waiter_session_id = null
from runner.run_waits w where w.run_id = r.id and w.settled_at is null and r.status = 'waiting' and r.due_at is null;
update runner.tasks t set status = 'queued' from runner.runs r
where r.task_id = t.id and r.status = 'queued' and t.status = 'waiting';
drop table runner.run_waits;
