alter table runner.snapshots drop constraint snapshots_reason_known;
alter table runner.snapshots
    add constraint snapshots_reason_known check (reason in ('removal', 'vanished', 'found', 'rewind'));
