drop table runner.environments;
drop table runner.tasks;
