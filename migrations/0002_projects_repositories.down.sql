drop table runner.repositories;
drop table runner.projects;
