alter table runner.sessions reset (fillfactor);
alter table runner.runs reset (fillfactor);
alter table runner.step_attempts reset (fillfactor);
alter table runner.steps reset (fillfactor);
alter table runner.environments
    drop constraint environments_base_commit_name,
    drop constraint environments_head_commit_name,
    add constraint environments_base_commit_name check (runner.is_object_name(base_commit)),
    add constraint environments_head_commit_name check (runner.is_object_name(head_commit));
alter table runner.step_attempts
    drop constraint step_attempts_commit_before_name,
    drop constraint step_attempts_commit_after_name,
    add constraint step_attempts_commit_before_name check (runner.is_object_name(commit_before)),
    add constraint step_attempts_commit_after_name check (runner.is_object_name(commit_after));
