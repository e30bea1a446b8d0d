drop table runner.agents;
drop view runner.workflow_stages;
drop table runner.workflow_versions;
drop table runner.workflows;
