drop trigger workflow_versions_frozen on runner.workflow_versions;
drop function runner.refuse_used_version_change();
drop table runner.runs;
drop function runner.notify_run();
drop table runner.sessions;
drop function runner.refuse_session_revival();
