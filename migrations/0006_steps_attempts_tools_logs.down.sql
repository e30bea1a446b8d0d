drop table runner.step_logs;
drop table runner.tool_executions;
drop table runner.step_attempts;
drop table runner.steps;
