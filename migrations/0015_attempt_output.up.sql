-- How an attempt had to be stopped, how much of its output was kept, and when that went by the retention.
alter table runner.step_attempts
    add column stop           jsonb,
    add column log            jsonb,
    add column log_removed_at timestamptz,
    add constraint step_attempts_stop_object check (jsonb_typeof(stop) = 'object'),
    add constraint step_attempts_log_object check (jsonb_typeof(log) = 'object');

-- Rows lie in the order in which they came, so this costs next to nothing; the retention asks for the oldest.
create index step_logs_created_at_idx on runner.step_logs using brin (created_at);
