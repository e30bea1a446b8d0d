drop index runner.step_logs_created_at_idx;
alter table runner.step_attempts drop column stop, drop column log, drop column log_removed_at;
