drop table runner.agent_circuits;
drop table runner.usage_entries;
drop table runner.agent_attempts;
