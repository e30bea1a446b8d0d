-- A worker that holds a session advisory lock on its listening connection is gone when somebody else can take it.
alter table runner.sessions
    add column locked boolean not null default false,
    add column slots integer,
    add constraint sessions_slots_positive check (slots > 0);

-- A run of a repository on one machine's disk belongs to that machine before it has an environment too. A waiting run
-- may be held by a live session that wants it back when it is due.
alter table runner.runs
    add column host text,
    add column waiter_session_id uuid,
    add constraint runs_host_length check (length(host) between 1 and 255),
    add constraint runs_waiter_session_id_fkey foreign key (waiter_session_id) references runner.sessions (id),
    add constraint runs_waiter_when_waiting check (waiter_session_id is null or status = 'waiting');

create index runs_waiter_session_id_idx on runner.runs (waiter_session_id) where waiter_session_id is not null;
create index runs_due_idx on runner.runs (due_at) where status = 'waiting' and due_at is not null;

-- Attempts before the last restart do not count against the step's limits.
alter table runner.steps
    add column earlier_attempts integer not null default 0,
    add constraint steps_earlier_attempts_not_negative check (earlier_attempts >= 0);

-- Where the branch stood when the attempt began: what an interrupted attempt is taken back to.
alter table runner.step_attempts
    add column branch_before text,
    add column failure_class text,
    add column retry_at timestamptz,
    add constraint step_attempts_branch_before_name check (runner.is_object_name(branch_before)),
    add constraint step_attempts_failure_class_known check (failure_class in ('transient', 'permanent', 'limit'));
