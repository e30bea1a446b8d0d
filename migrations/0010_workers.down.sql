alter table runner.step_attempts drop column branch_before, drop column failure_class, drop column retry_at;
alter table runner.steps drop column earlier_attempts;
alter table runner.runs drop column host, drop column waiter_session_id;
drop index if exists runner.runs_due_idx;
alter table runner.sessions drop column locked, drop column slots;
